package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
)

func TestARouteEndsInItsTime(t *testing.T) {
	hang := func(ctx context.Context, _ *api.None) (*api.None, error) {
		<-ctx.Done()
		return nil, errno.Wrap(errno.System, ctx.Err(), "")
	}
	usual := api.GET("/", "", hang)
	tests := []struct {
		route        api.Route
		least, whole time.Duration
	}{
		{usual, 0, api.OwnTime},
		{usual.Takes(api.CallTime), 0, api.CallTime},
		{usual, time.Hour, time.Hour},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) { // in which nothing but the waiting takes time
			gin.SetMode(gin.TestMode)
			e := gin.New()
			api.Frame{Least: tt.least}.Mount(e, api.Admin, []api.Route{tt.route})
			begin, w := time.Now(), httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			require.Equal(t, begin.Add(tt.whole), time.Now())
			require.JSONEq(t, `{"code":1002,"errorMsg":"system error"}`, w.Body.String())
		})
	}
}

// trail is an audit trail in memory.
type trail struct {
	lines []string
	fails bool
}

func (a *trail) Record(_ context.Context, action, object string) error {
	if a.fails {
		return errors.New("the database is away")
	}
	a.lines = append(a.lines, action+" "+object)
	return nil
}

func TestWhatIsDoneLeavesATrace(t *testing.T) {
	const fine, failed, refused = `{"code":0,"errorMsg":"OK","data":5}`, `{"code":1002,"errorMsg":"system error"}`, `{"code":1001,"errorMsg":"no","data":"no"}`
	five := 5
	done := func(object string) api.Func[api.None, int] {
		return func(ctx context.Context, _ *api.None) (*int, error) {
			api.Touched(ctx, object)
			return &five, nil
		}
	}
	tests := map[string]struct {
		route        api.Route
		away         bool
		answer, line string
	}{
		"something is done":           {api.POST("/", "", done("shop 1")).Audited("shop.open"), false, fine, "shop.open shop 1"},
		"nothing is named":            {api.POST("/", "", done("")).Audited("shops.open"), false, fine, "shops.open "},
		"it was the other thing":      {api.POST("/", "", shut).Audited("shop.open"), false, `{"code":0,"errorMsg":"OK"}`, "shop.shut shop 2"},
		"nobody wants to know":        {api.POST("/", "", done("shop 1")), false, fine, ""},
		"it was refused":              {api.POST("/", "", refuse).Audited("shop.open"), false, refused, ""},
		"done, and the trail is away": {api.POST("/", "", done("shop 1")).Audited("shop.open"), true, fine, ""},
		"a secret, and a trace of it": {api.GET("/", "", done("shop 1")).Audited("shop.secret"), false, fine, "shop.secret shop 1"},
		"no secret without a trace":   {api.GET("/", "", done("shop 1")).Audited("shop.secret"), true, failed, ""},
	}
	for name, tt := range tests {
		gin.SetMode(gin.TestMode)
		e, audit := gin.New(), &trail{fails: tt.away}
		var logged []*gin.Error
		e.Use(func(c *gin.Context) { c.Next(); logged = c.Errors })
		api.Frame{Auditor: audit}.Mount(e, api.Admin, []api.Route{tt.route})
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.route.Method, "/", nil))
		require.JSONEq(t, tt.answer, w.Body.String(), name)
		require.Equal(t, tt.line, strings.Join(audit.lines, "\n"), name)
		require.Equal(t, tt.away || tt.answer == refused, len(logged) == 1, "%s: %v", name, logged)
	}
}

func shut(ctx context.Context, _ *api.None) (*api.None, error) {
	api.TouchedBy(ctx, "shop.shut", "shop 2")
	return &api.None{}, nil
}

func refuse(ctx context.Context, _ *api.None) (*api.None, error) {
	api.Touched(ctx, "shop 3")
	return nil, errno.New(errno.BadParam, "no")
}
