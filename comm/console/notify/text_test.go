package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"wxcomponent/db/model"
)

func TestTextsFromOutsideStayTexts(t *testing.T) {
	for in, want := range map[string]string{
		"普通名字":                      "普通名字",
		"[点我](http://evil)":         "［点我］(http://evil)",
		"<@all><at id=all></at>":    "＜@all＞＜at id=all＞＜/at＞",
		"a\n# b\r\n> c\u202e":       "a ＃ b ＞ c",
		"**x** `y` ~~z~~ | \x00":    "＊＊x＊＊ 'y' ～～z～～ ｜",
		"\xff\xfe":                  "",
		strings.Repeat("长", 50):     strings.Repeat("长", 39) + "…",
		"   spaces \t  within     ": "spaces within",
	} {
		require.Equal(t, want, safe(in, nameMax), in)
	}
	require.Equal(t, "1:不符: (1):a & b < c", strings.Join(strings.Fields(plainReason("1:不符:<br>(1):a &amp; b &lt; c<br/>")), " "))
}

// The largest message still fits into the smallest robot.
func TestMessagesFit(t *testing.T) {
	t.Parallel()
	for _, language := range []string{Chinese, English} {
		w := wordsOf(language)
		m := &message{names: map[string]string{}, missed: 1_000_000}
		for _, kind := range Kinds() {
			require.Contains(t, w.of, kind)
			require.Equal(t, 1, strings.Count(w.of[kind].many, "%d"), kind)
			for i := range 1000 {
				e := Event{
					Kind: kind, At: time.Now(), Since: time.Now(), AppID: fmt.Sprintf("wx%030d", i),
					Reason: strings.Repeat("原因", 500), Subject: strings.Repeat("名", 64),
				}
				m.names[e.AppID] = strings.Repeat("店", 100)
				m.events = append(m.events, e)
			}
		}
		base := "https://" + strings.Repeat("x", 190)
		fit := func(events []Event) {
			one := &message{names: m.names, missed: m.missed, events: events}
			fitInto(one, w, base)
			require.LessOrEqual(t, len("**"+one.title+"**\n"+one.body), robotBytes)
			require.True(t, utf8.ValidString(one.body))
			require.Contains(t, one.body, base)
			require.NotEmpty(t, one.title)
		}
		fit(m.events)
		for i := range Kinds() {
			fit(m.events[i*1000 : (i+1)*1000])
			fit(m.events[i*1000 : i*1000+1])
		}
	}
}

func TestEveryKindOfEventHasItsPlace(t *testing.T) {
	require.Equal(t, Kinds(), splitKinds(joinKinds(Kinds())))
	require.Equal(t, []EventKind{AuditRejected}, splitKinds("gone,audit.rejected,"))
	require.Less(t, len(joinKinds(Kinds())), 1000)
}

func TestSecretsAreFoundInAddresses(t *testing.T) {
	c := model.NotifyChannel{URL: "https://a/hook/0123456789?key=abcdefghij&v=1", Secret: "SECabcdefgh"}
	require.Equal(t, "x *** *** *** y v=1", scrub("x abcdefghij 0123456789 SECabcdefgh y v=1", &c))
}
