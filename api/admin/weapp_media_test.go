package admin_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMediaBeyondWeChatsLimitsAreNotSent(t *testing.T) {
	w := newWeappWorldSQLite(t)
	png := []byte("\x89PNG\r\n\x1a\n0000")
	jpeg, gif := []byte("\xff\xd8\xff\xe0 0000"), []byte("GIF89a 0000")
	mp4 := []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41")
	grown := func(head []byte, size int) []byte {
		return append(head[:len(head):len(head)], make([]byte, size-len(head))...)
	}
	at := "appid=" + w.appid
	sent := func() int { return w.sim.Calls("/wxa/uploadmedia").Count + w.sim.Calls("/cgi-bin/media/upload").Count }

	for name, c := range map[string]struct {
		query   string
		content []byte
		field   string
	}{
		"no type":         {"", png, "type"},
		"unknown type":    {"&type=voice", png, "type"},
		"glued type":      {"&type=image%26access_token%3Dx", png, "type"},
		"empty":           {"&type=image", nil, "media"},
		"not an image":    {"&type=image", []byte("<svg></svg>"), "media"},
		"video as image":  {"&type=image", mp4, "media"},
		"image as video":  {"&type=video", png, "media"},
		"quicktime":       {"&type=video", []byte("\x00\x00\x00\x14ftypqt  0000"), "media"},
		"large image":     {"&type=image", grown(png, 2<<20+1), "media"},
		"large video":     {"&type=video", grown(mp4, 10<<20+1), "media"},
		"very large":      {"&type=video", grown(mp4, 12<<20), "media"},
		"feedback video":  {"&type=video&use=feedback", mp4, "type"},
		"unknown purpose": {"&type=image&use=x", png, "use"},
	} {
		a := w.upload(at+c.query, c.content)
		require.Equal(t, 1001, a.Code, name)
		require.Equal(t, c.field, a.Field, name)
	}
	require.Zero(t, sent())
	for _, body := range []string{"", "no form", "--x\r\n\r\n--x--"} {
		a := w.call(http.MethodPost, "/upload-media?type=image&"+at, "multipart/form-data; boundary=x", body)
		require.Equal(t, 1001, a.Code)
		require.Equal(t, 1001, w.call(http.MethodPost, "/upload-media?type=image&"+at, "application/json", body).Code)
	}
	require.Zero(t, sent())

	for _, c := range []struct {
		kind    string
		content []byte
	}{{"image", png}, {"image", jpeg}, {"image", gif}, {"image", grown(png, 2<<20)}, {"video", mp4}, {"video", grown(mp4, 10<<20)}} {
		var media struct {
			Type, MediaID string
			CreatedAt     int64
		}
		w.upload(at+"&type="+c.kind, c.content).into(t, &media)
		require.Equal(t, c.kind, media.Type)
		require.NotEmpty(t, media.MediaID)
		require.Positive(t, media.CreatedAt)
	}
	require.Equal(t, 6, w.sim.Calls("/wxa/uploadmedia").Count)
	require.True(t, strings.Contains(w.sim.Calls("/wxa/uploadmedia").LastBody, "ftypisom"), "the file is sent as it came")
	require.Zero(t, w.upload(at+"&type=image&use=feedback", bytes.Clone(png)).Code)
	require.Equal(t, 1, w.sim.Calls("/cgi-bin/media/upload").Count)
}
