package inits_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// TestCodesAndTicketsAreNotKeptInClear: neither with the events that bring them nor with the deliveries of
// those, which come whole all the same, and once more.
func TestCodesAndTicketsAreNotKeptInClear(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"})
		s := start(t, env)
		wechat.SetTarget(s.base)
		admin, target := s.admin(), newReceiver(t, "")
		bodies := map[string]string{
			"authorized":                 `<xml><AppId>wxplatform</AppId><InfoType>authorized</InfoType><CreateTime>1700000000</CreateTime><AuthorizerAppid>wx7</AuthorizerAppid><AuthorizationCode>queryauthcode@@@hidden</AuthorizationCode><PreAuthCode>preauthcode@@@hidden</PreAuthCode></xml>`,
			"updateauthorized":           `{"AppId":"wxplatform","InfoType":"updateauthorized","CreateTime":1700000001,"AuthorizerAppid":"wx7","AuthorizationCode":"queryauthcode@@@hidden too"}`,
			"component_verify_ticket":    `<xml><AppId>wxplatform</AppId><InfoType>component_verify_ticket</InfoType><CreateTime>1700000002</CreateTime><ComponentVerifyTicket>ticket@@@hidden</ComponentVerifyTicket></xml>`,
			"notify_third_fasteregister": `{"AppId":"wxplatform","InfoType":"notify_third_fasteregister","CreateTime":1700000003,"appid":"wx8","status":0,"auth_code":"queryauthcode@@@hidden as well"}`,
		}
		for infoType := range bodies {
			admin.addRule(target, obj{"infoType": infoType, "mode": "async"})
		}
		var want []string
		for _, body := range bodies {
			_, answer, err := s.pushPlain("/wxcallback/component", body)
			require.NoError(t, err)
			require.Equal(t, "success", answer)
			want = append(want, body)
		}
		eventually(t, "the target has every event", func() bool { return len(target.got()) == len(bodies) })
		require.ElementsMatch(t, want, target.got())

		type deliveries struct{ Deliveries []struct{ ID string } }
		var page deliveries
		eventually(t, "that is known here", func() bool {
			page = get[deliveries](admin, adminAPI+"/delivery-list?state=delivered&limit=10")
			return len(page.Deliveries) == len(bodies)
		})
		ids := make([]string, len(bodies))
		for i, d := range page.Deliveries {
			ids[i] = d.ID
		}
		again := admin.call(http.MethodPost, adminAPI+"/delivery-redeliver", asJSON(t, obj{"ids": ids}))
		require.Zero(t, again.Code, again.raw)
		eventually(t, "the target has every event again", func() bool { return len(target.got()) == 2*len(bodies) })
		require.ElementsMatch(t, append(want, want...), target.got())

		records := get[recordPage](admin, componentRecords)
		for _, r := range records.Records {
			require.Contains(t, want, r.PostBody, "who is logged in sees it whole")
		}
		d := databaseBeside(t, env)
		tables, err := d.Read.Migrator().GetTables()
		require.NoError(t, err)
		for _, table := range tables {
			var rows []map[string]any
			require.NoError(t, d.Read.WithContext(t.Context()).Table(table).Find(&rows).Error)
			require.False(t, strings.Contains(fmt.Sprint(rows), "@@@hidden"), "in table %s", table)
		}
	})
}
