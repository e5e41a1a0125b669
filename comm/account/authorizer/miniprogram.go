package authorizer

import (
	"context"
	"sync"

	"go.uber.org/zap"

	"wxcomponent/db/model"
)

// miniPrograms remembers of accounts whether they are mini programs, which never changes. Accounts
// that nothing is known of yet are not remembered, so it never holds more than there are.
type miniPrograms struct {
	mu    sync.Mutex
	known map[string]bool // by appid
}

func (m *miniPrograms) get(appid string) (is, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	is, known = m.known[appid]
	return is, known
}

func (m *miniPrograms) put(appid string, is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[appid] = is
}

// IsMiniProgram tells whether an account is known to be a mini program. The database is asked once
// for each account. One that was never seen, or whose details have not come yet, is none.
func (s *Service) IsMiniProgram(ctx context.Context, appid string) bool {
	if is, known := s.minis.get(appid); known {
		return is
	}
	row, found, err := s.find(ctx, s.deps.Rows, appid)
	if err != nil {
		s.logger(ctx).Warn("cannot tell what kind of account it is", zap.String("appid", appid), zap.Error(err))
	}
	if err != nil || !found || !hasDetails(row) {
		return false
	}
	is := row.AppType == TypeMiniProgram
	s.minis.put(appid, is)
	return is
}

// hasDetails tells whether WeChat has ever said what an account is: a row without that has the kind
// of a mini program, which is 0.
func hasDetails(row model.Authorizer) bool { return row.NickName != "" || row.UserName != "" }
