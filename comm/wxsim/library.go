package wxsim

import (
	"slices"
	"strconv"
	"time"
)

const (
	libraryLimit = 200
	auditQuota   = 20_000
	speedQuota   = 50
)

type draft struct {
	ID        int64  `json:"draft_id"`
	Created   int64  `json:"create_time"`
	Version   string `json:"user_version"`
	Desc      string `json:"user_desc"`
	Source    string `json:"source_miniprogram"`
	SourceID  string `json:"source_miniprogram_appid"`
	Developer string `json:"developer"`
}

type codeTemplate struct {
	ID          int64      `json:"template_id"`
	DraftID     int64      `json:"draft_id"`
	Type        int        `json:"template_type"`
	Created     int64      `json:"create_time"`
	Version     string     `json:"user_version"`
	Desc        string     `json:"user_desc"`
	Source      string     `json:"source_miniprogram"`
	SourceID    string     `json:"source_miniprogram_appid"`
	Categories  []category `json:"category_list"`
	AuditScene  int        `json:"audit_scene"`
	AuditStatus int        `json:"audit_status"`
	Reason      string     `json:"reason"`
}

// templateLibrary is the platform's code library and its monthly quotas. Guarded by Sim.mu.
type templateLibrary struct {
	drafts     []draft
	templates  []codeTemplate
	nextID     int64
	appVersion int64
	auditID    int64
	auditRest  int
	speedRest  int
}

func sampleLibrary(now time.Time) templateLibrary {
	const source, sourceID = "商城模板开发号", "wx7a3d1f0c9b2e4d56"
	l := templateLibrary{nextID: 1, auditID: firstAuditID, auditRest: auditQuota, speedRest: speedQuota}
	for i, v := range []struct{ version, desc string }{
		{"1.8.0", "门店自提与同城配送"}, {"1.9.0", "新增会员储值，修复退款提示"}, {"2.0.0", "全新首页，支持深色模式"},
	} {
		at := now.Add(-time.Duration(30-10*i) * 24 * time.Hour).Unix()
		l.drafts = append(l.drafts, draft{int64(i + 1), at, v.version, v.desc, source, sourceID, "开发者小陈"})
	}
	for _, d := range l.drafts[:2] {
		l.add(d, 0)
	}
	return l
}

func (l *templateLibrary) add(d draft, kind int) {
	l.templates = append(l.templates, codeTemplate{
		ID: l.nextID, DraftID: d.ID, Type: kind, Created: d.Created, Version: d.Version, Desc: d.Desc,
		Source: d.Source, SourceID: d.SourceID, Categories: []category{},
	})
	l.nextID++
}

func (l *templateLibrary) hasTemplate(id int64) bool {
	return slices.ContainsFunc(l.templates, func(t codeTemplate) bool { return t.ID == id })
}

func draftList(s *Sim, _ *request) (any, error) {
	return answer(obj{"draft_list": s.library.drafts})
}

func templateList(s *Sim, r *request) (any, error) {
	list := []codeTemplate{}
	kind := r.query.Get("template_type")
	for _, t := range s.library.templates {
		if kind == "" || kind == strconv.Itoa(t.Type) {
			list = append(list, t)
		}
	}
	return answer(obj{"template_list": list})
}

func templateAdd(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		DraftID looseID `json:"draft_id"`
		Type    int     `json:"template_type"`
	}](r)
	if err != nil {
		return nil, err
	}
	l := &s.library
	i := slices.IndexFunc(l.drafts, func(d draft) bool { return d.ID == int64(req.DraftID) })
	switch {
	case i < 0:
		return nil, fail(85064, "template not found")
	case len(l.templates) >= libraryLimit:
		return nil, fail(85065, "template list is full")
	}
	l.add(l.drafts[i], req.Type)
	return done()
}

func templateDelete(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		TemplateID looseID `json:"template_id"`
	}](r)
	if err != nil {
		return nil, err
	}
	if !s.library.hasTemplate(int64(req.TemplateID)) {
		return nil, fail(85064, "template not found")
	}
	s.library.templates = slices.DeleteFunc(s.library.templates, func(t codeTemplate) bool { return t.ID == int64(req.TemplateID) })
	return done()
}
