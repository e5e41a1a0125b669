package wxsim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// States of an audit, as WeChat numbers them.
const (
	auditApproved = 0
	auditRejected = 1
	auditPending  = 2
	auditUndone   = 3
	auditDelayed  = 4
)

const (
	keepVersions = 5                    // released versions that can be gone back to
	mediaLife    = 3 * 24 * time.Hour   // of an uploadmedia mediaid
	firstAuditID = int64(4_294_967_301) // above 32 bits, as WeChat's may be
)

// version is a piece of code of one mini program.
type version struct {
	number   int64 // app_version
	name     string
	desc     string
	at       time.Time // commit, submission or release, by where it is kept
	reverted bool
}

type audit struct {
	id         int64
	version    version
	status     int
	reason     string
	screenshot string
	submitted  time.Time
	sped       bool
	consumed   bool // released already
}

type grayPlan struct {
	status     int // 0 none, 1 running, 2 paused, 3 done, 4 deleted
	percentage int
	created    time.Time
	debugger   bool
	experience bool
}

// weapp is the code of one mini program. Guarded by Sim.mu.
type weapp struct {
	closed       bool
	trial        *version
	privacyReady time.Time // end of the check that follows a commit
	audit        *audit    // the latest
	live         []version // released versions, newest last
	gray         grayPlan
	undone       int
	media        map[string]time.Time // mediaid → end of its validity
	categories   []category
}

type category struct {
	First    string `json:"first_class"`
	Second   string `json:"second_class"`
	FirstID  int    `json:"first_id"`
	SecondID int    `json:"second_id"`
}

// newWeapp makes a mini program of a trade, without code as yet.
func newWeapp(t trade) *weapp {
	return &weapp{
		media: map[string]time.Time{},
		categories: []category{
			{t.first, t.second, t.firstID, t.secondID},
			{"工具", "备忘录", 287 + t.firstID, 288 + t.secondID},
		},
	}
}

func (w *weapp) visitStatus() int {
	if w.closed {
		return 0
	}
	return 1
}

func (w *weapp) released() *version {
	if len(w.live) == 0 {
		return nil
	}
	return &w.live[len(w.live)-1]
}

// code returns the mini program of the caller; official accounts have none.
func (r *request) code() (*weapp, error) {
	if r.account.weapp == nil {
		return nil, fail(48001, "api unauthorized")
	}
	return r.account.weapp, nil
}

func commit(s *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		TemplateID looseID `json:"template_id"`
		ExtJSON    string  `json:"ext_json"`
		Version    string  `json:"user_version"`
		Desc       string  `json:"user_desc"`
	}](r)
	if err != nil {
		return nil, err
	}
	var ext map[string]any
	switch {
	case !s.library.hasTemplate(int64(req.TemplateID)):
		return nil, fail(85014, "template not exist")
	case json.Unmarshal([]byte(req.ExtJSON), &ext) != nil:
		return nil, fail(85013, "invalid version, or custom ext_json is invalid")
	case req.Version == "" || utf8.RuneCountInString(req.Version) > 64:
		return nil, fail(85015, "invalid version")
	}
	s.library.appVersion++
	w.trial = &version{number: s.library.appVersion, name: req.Version, desc: req.Desc, at: r.now}
	w.privacyReady = r.now.Add(s.settings.PrivacyCheck.std())
	return done()
}

// codePages are the pages that every template has.
func codePages() []string {
	return []string{"pages/index/index", "pages/order/list", "pages/order/detail", "pages/mine/mine"}
}

func getPage(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if w.trial == nil && w.released() == nil {
		return nil, fail(86001, "no code exists")
	}
	return answer(obj{"page_list": codePages()})
}

func getCategory(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	return answer(obj{"category_list": w.categories})
}

func codePrivacyInfo(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if w.trial == nil {
		return nil, fail(86001, "no code exists")
	}
	if r.now.Before(w.privacyReady) {
		return nil, fail(61039, "code privacy check is not finished, please try again later")
	}
	return answer(obj{"without_auth_list": []string{}, "without_conf_list": []string{}})
}

// auditItem is one page put forward for audit.
type auditItem struct {
	Address     string `json:"address"`
	Tag         string `json:"tag"`
	FirstClass  string `json:"first_class"`
	SecondClass string `json:"second_class"`
	FirstID     int    `json:"first_id"`
	SecondID    int    `json:"second_id"`
	Title       string `json:"title"`
}

func (w *weapp) checkItem(it auditItem) error {
	if it.FirstClass == "" || it.SecondClass == "" || it.FirstID == 0 || it.SecondID == 0 {
		return fail(85010, "item_list has invalid item, some field is missing")
	}
	tags := strings.Fields(it.Tag)
	long := func(t string) bool { return utf8.RuneCountInString(t) > 20 }
	switch {
	case len(tags) > 10 || slices.ContainsFunc(tags, long):
		return fail(85006, "invalid tag")
	case it.Address != "" && !slices.Contains(codePages(), it.Address):
		return fail(85007, "invalid page")
	case !slices.Contains(w.categories, category{it.FirstClass, it.SecondClass, it.FirstID, it.SecondID}):
		return fail(85008, "invalid category")
	case utf8.RuneCountInString(it.Title) > 32:
		return fail(85011, "invalid title")
	}
	return nil
}

type submission struct {
	Items   []auditItem `json:"item_list"`
	Preview struct {
		Videos []string `json:"video_id_list"`
		Pics   []string `json:"pic_id_list"`
	} `json:"preview_info"`
}

func (w *weapp) checkSubmission(req submission, now time.Time) error {
	switch {
	case w.trial == nil:
		return fail(85086, "please commit the code first")
	case w.audit != nil && (w.audit.status == auditPending || w.audit.status == auditDelayed):
		return fail(85009, "a version is being audited")
	case now.Before(w.privacyReady):
		return fail(61039, "code privacy check is not finished, please try again later")
	case req.Items != nil && (len(req.Items) < 1 || len(req.Items) > 5):
		return fail(85023, "item_list size must be between 1 and 5")
	}
	for _, it := range req.Items {
		if err := w.checkItem(it); err != nil {
			return err
		}
	}
	for _, m := range slices.Concat(req.Preview.Videos, req.Preview.Pics) {
		if end, ok := w.media[m]; !ok || now.After(end) {
			return fail(85092, "invalid preview_info")
		}
	}
	return nil
}

func submitAudit(s *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[submission](r)
	if err != nil {
		return nil, err
	}
	if err := w.checkSubmission(req, r.now); err != nil {
		return nil, err
	}
	if s.library.auditRest == 0 {
		return nil, fail(85085, "no quota to submit audit this month")
	}
	s.library.auditRest--
	s.library.auditID += 97
	w.audit = &audit{id: s.library.auditID, version: *w.trial, status: auditPending, submitted: r.now}
	return answer(obj{"auditid": w.audit.id})
}

func auditStatus(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		AuditID looseID `json:"auditid"`
	}](r)
	if err != nil {
		return nil, err
	}
	if w.audit == nil || w.audit.id != int64(req.AuditID) {
		return nil, fail(85012, "invalid audit id")
	}
	return answer(obj{"status": w.audit.status, "reason": w.audit.reason, "screenshot": w.audit.screenshot})
}

func latestAuditStatus(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if w.audit == nil {
		return nil, fail(85058, "no audit record")
	}
	a := w.audit
	return answer(obj{
		"auditid": a.id, "status": a.status, "reason": a.reason, "ScreenShot": a.screenshot,
		"user_version": a.version.name, "user_desc": a.version.desc, "submit_audit_time": a.submitted.Unix(),
	})
}

func undoAudit(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	switch {
	case w.audit == nil || (w.audit.status != auditPending && w.audit.status != auditDelayed):
		return nil, fail(85012, "invalid audit id")
	case w.undone >= 10:
		return nil, fail(87013, "no quota to undo code audit")
	}
	w.undone++
	w.audit.status = auditUndone
	return done()
}

func speedUpAudit(s *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		AuditID looseID `json:"auditid"`
	}](r)
	if err != nil {
		return nil, err
	}
	switch {
	case w.audit == nil || w.audit.id != int64(req.AuditID):
		return nil, fail(85012, "invalid audit id")
	case w.audit.status != auditPending && w.audit.status != auditDelayed:
		return nil, fail(89402, "the audit is not waiting")
	case w.audit.sped:
		return nil, fail(89404, "the audit is sped up already")
	case s.library.speedRest == 0:
		return nil, fail(89405, "no quota to speed up this month")
	}
	s.library.speedRest--
	w.audit.sped = true
	return done()
}

func queryQuota(s *Sim, _ *request) (any, error) {
	return answer(obj{
		"rest": s.library.auditRest, "limit": auditQuota,
		"speedup_rest": s.library.speedRest, "speedup_limit": speedQuota,
	})
}

// decideAudit sets the end of the running audit. It returns the fields of the event.
func (w *weapp) decideAudit(status int, reason string, now time.Time) (event string, fields Fields, err error) {
	if w == nil || w.audit == nil || (w.audit.status != auditPending && w.audit.status != auditDelayed) {
		return "", nil, errNoAudit
	}
	a := w.audit
	a.status, a.reason = status, reason
	if status == auditRejected {
		a.screenshot = "shot-" + strconv.FormatInt(a.id, 10) + "-1|shot-" + strconv.FormatInt(a.id, 10) + "-2"
	}
	event, fields = reviewEvent(status, reason, a.screenshot, now)
	return event, fields, nil
}

// reviewEvent is the event of a review's end. It does not say what was reviewed.
func reviewEvent(status int, reason, screenshot string, now time.Time) (event string, fields Fields) {
	switch status {
	case auditApproved:
		return "weapp_audit_success", Fields{{"SuccTime", now.Unix()}}
	case auditRejected:
		return "weapp_audit_fail", Fields{{"Reason", reason}, {"FailTime", now.Unix()}, {"ScreenShot", screenshot}}
	}
	return "weapp_audit_delay", Fields{{"Reason", reason}, {"DelayTime", now.Unix()}}
}
