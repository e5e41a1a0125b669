package dao_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// statement is what was asked of a database.
type statement struct {
	text string
	args []any
}

// watch returns the reading statements since the last call.
func watch(t *testing.T, d *db.DB) func() []statement {
	t.Helper()
	var mu sync.Mutex
	var seen []statement
	require.NoError(t, d.Read.Callback().Row().After("gorm:row").Register("test:watch", func(tx *gorm.DB) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, statement{tx.Statement.SQL.String(), tx.Statement.Vars})
	}))
	return func() []statement {
		mu.Lock()
		defer mu.Unlock()
		out := seen
		seen = nil
		return out
	}
}

// TestNoFilterReadsAllPushes: each filter of the lists is served by an index, in its order.
func TestNoFilterReadsAllPushes(t *testing.T) {
	t.Parallel()
	hour := noon.Add(-time.Hour)
	biz := map[string]model.BizRecordFilter{
		"none": {}, "appid": {AppID: "wx1"}, "type": {MsgType: "text"}, "event": {Event: "subscribe"},
		"appid and type": {AppID: "wx1", MsgType: "event"}, "time": {From: hour, To: noon}, "appid within a time": {AppID: "wx1", From: hour},
	}
	component := map[string]model.ComponentRecordFilter{"none": {}, "type": {InfoType: "authorized"}, "time": {From: hour}}

	d := dbtest.SQLite(t)
	s, asked := dao.New(d, box{}).WithPatience(waittest.Limit), watch(t, d)
	check := func(what string) {
		t.Helper()
		statements := asked()
		require.Len(t, statements, 2, "the count and the page")
		how := `^SEARCH .* INDEX`
		if what == "none" {
			how = ` INDEX` // it is gone through from its end
		}
		for _, st := range statements {
			var plan []struct{ Detail string }
			require.NoError(t, d.Read.Raw("EXPLAIN QUERY PLAN "+st.text, st.args...).Scan(&plan).Error)
			require.NotEmpty(t, plan)
			for i, step := range plan {
				// the messages that are not entered by account yet are few
				few := strings.Contains(step.Detail, "INTEGER PRIMARY KEY (rowid>?)") || i > 0 && plan[i-1].Detail == "SCAN account_push_upto"
				switch {
				case strings.Contains(step.Detail, " account_push "):
					require.Contains(t, step.Detail, "SEARCH account_push USING PRIMARY KEY (appid=?", "%s: %s", what, st.text)
				case strings.Contains(step.Detail, "wxcallback_") && !few:
					require.Regexp(t, how, step.Detail, "%s: %s", what, st.text)
				case strings.Contains(step.Detail, "TEMP B-TREE") && !few: // the rows of one page may be sorted, all rows not
					require.Equal(t, len(plan)-1, i, "%s: %s: %v", what, st.text, plan)
				}
			}
		}
		asked()
	}
	for name, f := range biz {
		for _, cursor := range []string{"", "MS4xNzAwMDAwMDAwLjU"} {
			f.Limit, f.Cursor = 15, cursor
			_, err := s.BizRecordList(t.Context(), f)
			require.NoError(t, err)
			check(name)
		}
	}
	for name, f := range component {
		f.Limit = 15
		_, err := s.ComponentRecordList(t.Context(), f)
		require.NoError(t, err)
		check(name)
	}
}

// TestSameIndexesOnMySQL: its planner is not asked, since it reads small tables whole.
func TestSameIndexesOnMySQL(t *testing.T) {
	t.Parallel()
	d := dbtest.MySQL(t)
	var have []struct{ Cols string }
	require.NoError(t, d.Read.Raw("SELECT CONCAT(table_name, ':', GROUP_CONCAT(column_name ORDER BY seq_in_index)) AS cols"+
		" FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name").Scan(&have).Error)
	for _, want := range []string{
		"wxcallback_biz:receivetime", "wxcallback_biz:appid,receivetime", "wxcallback_biz:msgtype,receivetime",
		"wxcallback_biz:event,receivetime", "wxcallback_component:receivetime", "wxcallback_component:infotype,receivetime",
	} {
		require.Condition(t, func() bool {
			for _, index := range have {
				if strings.HasPrefix(index.Cols, want) {
					return true
				}
			}
			return false
		}, "no index begins with %s: %v", want, have)
	}
}
