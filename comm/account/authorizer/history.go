package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// What happened to an account, as its history names it.
const (
	HistoryAuthorized   = "authorized"   // the merchant authorized the platform
	HistoryUpdated      = "updated"      // the merchant changed the permission sets
	HistoryUnauthorized = "unauthorized" // the merchant ended the authorization
	HistorySynced       = "synced"       // found in WeChat's list, without an event before
	HistoryVanished     = "vanished"     // no longer in WeChat's list, without an event before
	HistoryDetails      = "details"      // name, principal, verification, state or permission sets changed
	HistoryRecovered    = "recovered"    // a lost refresh token was read from WeChat again
	HistoryCodeExpired  = "code_expired" // WeChat could not be asked before the authorization code expired
	HistoryCodeInvalid  = "code_invalid" // WeChat refused the authorization code, and the account as well
)

// Detail is what a history entry tells besides its kind. Times are unix milliseconds.
type Detail struct {
	EventTime int64             `json:"eventTime,omitempty"` // when WeChat made the event
	AuthTime  int64             `json:"authTime,omitempty"`  // when the merchant authorized, by WeChat's list
	FuncInfo  string            `json:"funcInfo,omitempty"`  // permission sets, "|1|18|"
	Recovered bool              `json:"recovered,omitempty"` // the code had been used; the refresh token was read again
	Changes   map[string]Change `json:"changes,omitempty"`   // by the name of the field in lists of accounts
	ErrCode   int               `json:"errcode,omitempty"`   // WeChat's
	ErrMsg    string            `json:"errmsg,omitempty"`
}

// Change is a field's value before and after.
type Change struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Entry is one thing that happened to an account.
type Entry struct {
	ID     int64
	At     time.Time // when it was learnt here
	Kind   string
	Detail Detail
}

// timelineMax is how much of an account's history is shown.
const timelineMax = 200

// Timeline returns what happened to an account, newest first; empty for one that was never seen.
func (s *Service) Timeline(ctx context.Context, appid string) ([]Entry, error) {
	rows, err := s.deps.Rows.AuthorizerHistoryList(ctx, appid, timelineMax)
	if err != nil {
		return nil, fmt.Errorf("list the history of %s: %w", appid, err)
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = Entry{ID: r.ID, At: time.UnixMilli(r.AtMS).UTC(), Kind: r.Kind}
		// An entry whose detail cannot be read still says what happened and when.
		_ = json.Unmarshal([]byte(r.Detail), &entries[i].Detail)
	}
	return entries, nil
}

func (s *Service) record(ctx context.Context, tx Rows, appid, kind string, d Detail) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("detail of %s: %w", kind, err)
	}
	row := model.AuthorizerHistory{AppID: appid, AtMS: s.nowMS(), Kind: kind, Detail: string(text)}
	if err := tx.AuthorizerHistoryAdd(ctx, row); err != nil {
		return fmt.Errorf("add %s to the history of %s: %w", kind, appid, err)
	}
	return s.tell(ctx, tx, row)
}

// tell stores the work that tells people of an entry.
func (s *Service) tell(ctx context.Context, tx Rows, row model.AuthorizerHistory) error {
	if s.deps.Tell == nil {
		return nil
	}
	for _, work := range s.deps.Tell(row.AppID, row.Kind, time.UnixMilli(row.AtMS).UTC()) {
		if _, _, err := tx.WorkAdd(ctx, work, 0); err != nil {
			return fmt.Errorf("tell of %s of %s: %w", row.Kind, row.AppID, err)
		}
	}
	return nil
}

// failureDetail is the detail of an authorization that WeChat refused.
func failureDetail(eventMS int64, why error) Detail {
	code, text := shown(why)
	return Detail{EventTime: eventMS, ErrCode: code, ErrMsg: text}
}

// shown is what people are told of an error: WeChat's words or those of our own API. Any other
// error, such as the database's, is for the log.
func shown(err error) (errCode int, text string) {
	const longest = 200
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		errCode, text = up.Upstream().ErrCode, up.Upstream().ErrMsg
	} else {
		text = errno.As(err).Text()
	}
	runes := []rune(text)
	return errCode, string(runes[:min(len(runes), longest)])
}
