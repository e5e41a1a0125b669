package wxsim

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pages are the HTML pages, each with the common head and style.
type pages struct {
	set *template.Template
}

func parsePages() (*pages, error) {
	set, err := template.New("").Funcs(template.FuncMap{
		"clock":      func(t time.Time) string { return t.Format("15:04:05") },
		"permission": permissionName,
	}).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("simulator's pages: %w", err)
	}
	return &pages{set}, nil
}

// show writes a whole page or, when it cannot be made, an error.
func (p *pages) show(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := p.set.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

// controlPage is the state that the control page shows.
type controlPage struct {
	State    State
	Query    string
	Total    int
	Accounts []controlAccount
	Faults   []Fault
	Paths    []string
	Pushes   []PushResult
	Replies  []Reply
	Messages []CustomMessage
}

type controlAccount struct {
	Account
	Head  string
	Audit *auditView // nil when none was submitted
}

type auditView struct {
	Version string
	Status  string
	Open    bool // it can be decided
}

func (s *Sim) serveControlPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query().Get("q")
	page := controlPage{State: s.State(), Query: q, Faults: s.Faults(), Pushes: s.Pushes(15)}
	page.Total, page.Accounts = s.controlRows(q)
	for _, e := range endpoints() {
		page.Paths = append(page.Paths, e.path)
	}
	page.Replies, page.Messages = head(s.Replies(), 10), head(s.Messages(), 10)
	s.pages.show(w, "control.html", page)
}

func head[T any](list []T, n int) []T { return list[:min(n, len(list))] }

func (s *Sim) controlRows(q string) (total int, rows []controlAccount) {
	total, list := s.Accounts(AccountFilter{Query: q, Limit: pageAccounts})
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range list {
		row := controlAccount{Account: a, Head: "/_img/head/" + a.AppID + ".svg"}
		if w := s.accounts.byID[a.AppID].weapp; w != nil && w.audit != nil {
			row.Audit = &auditView{
				Version: w.audit.version.name, Status: auditName(w.audit.status),
				Open: w.audit.status == auditPending || w.audit.status == auditDelayed,
			}
		}
		rows = append(rows, row)
	}
	return total, rows
}

func auditName(status int) string {
	switch status {
	case auditApproved:
		return "审核通过 approved"
	case auditRejected:
		return "审核未通过 rejected"
	case auditPending:
		return "审核中 in review"
	case auditDelayed:
		return "审核延后 delayed"
	}
	return "已撤回 withdrawn"
}
