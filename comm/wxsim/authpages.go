package wxsim

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// pageAccounts bounds how many accounts the authorization page shows.
const pageAccounts = 50

type authPage struct {
	Platform string
	Phone    bool
	Query    url.Values // carried through the form
	Accounts []authChoice
	More     int
}

type authChoice struct {
	Account
	Head  string
	First bool
	Sets  []permission
}

type permission struct {
	ID      int
	Name    string
	Checked bool
}

// notice is a page that only says something.
type notice struct {
	Good  bool
	Title string
	Text  string
}

// serveAuthPage is the page on which the merchant chooses an account and approves.
func (s *Sim) serveAuthPage(phone bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, err := parseAuthQuery(r.URL.Query())
		if err == nil {
			err = s.checkAuthQuery(q)
		}
		if err != nil {
			s.pages.show(w, "notice.html", notice{Title: "无法授权", Text: err.Error()})
			return
		}
		page := authPage{Platform: s.appID, Phone: phone, Query: r.URL.Query()}
		page.Accounts, page.More = s.choices(q)
		s.pages.show(w, "auth.html", page)
	}
}

func (s *Sim) choices(q authQuery) (list []authChoice, more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	offered := slices.DeleteFunc(slices.Clone(s.accounts.order), func(a *account) bool { return !q.offers(a) })
	// Who has not authorized yet comes first.
	slices.SortStableFunc(offered, func(a, b *account) int {
		switch {
		case a.Authorized == b.Authorized:
			return 0
		case a.Authorized:
			return 1
		}
		return -1
	})
	for _, a := range offered {
		if len(list) == pageAccounts {
			more++
			continue
		}
		c := authChoice{Account: a.Account, Head: "/_img/head/" + a.AppID + ".svg", First: len(list) == 0}
		for _, id := range q.sets(a) {
			checked := !a.Authorized || slices.Contains(a.Funcs, id)
			c.Sets = append(c.Sets, permission{id, permissionName(id), checked})
		}
		list = append(list, c)
	}
	return list, more
}

// serveApproval takes the page's form: it redirects with the code, and the event is on its way at
// the same time, so that either may come first, as with WeChat.
func (s *Sim) serveApproval(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	if r.PostForm.Get("decision") != "approve" {
		s.pages.show(w, "notice.html", notice{Title: "已取消授权", Text: "你没有授权任何账号，可以关闭此页面。"})
		return
	}
	target, err := s.approveForm(r)
	if err != nil {
		s.pages.show(w, "notice.html", notice{Title: "授权失败", Text: err.Error()})
		return
	}
	http.Redirect(w, r, target, http.StatusFound)
}

func (s *Sim) approveForm(r *http.Request) (redirect string, err error) {
	q, err := parseAuthQuery(r.PostForm)
	if err != nil {
		return "", err
	}
	if err := s.checkAuthQuery(q); err != nil {
		return "", err
	}
	appID := r.PostForm.Get("appid")
	funcs := []int{}
	for _, v := range r.PostForm["func-"+appID] {
		if n, err := strconv.Atoi(v); err == nil {
			funcs = append(funcs, n)
		}
	}
	auth, fields, err := s.approve(appID, AuthorizeOptions{PreAuthCode: q.PreAuthCode, Funcs: funcs})
	if err != nil {
		return "", err
	}
	if auth.InfoType != "" {
		s.aside(r.Context(), func(ctx context.Context) { s.pushComponent(ctx, appID, auth.InfoType, fields) })
	}
	return withCode(q.RedirectURI, auth.AuthCode, auth.ExpiresIn)
}
