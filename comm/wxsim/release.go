package wxsim

import (
	"slices"
	"strconv"
)

func release(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if len(r.body) == 0 || r.body[0] != '{' {
		return nil, fail(44002, "empty post data")
	}
	switch {
	case w.audit == nil || w.audit.consumed:
		return nil, fail(85019, "no version is audited")
	case w.audit.status != auditApproved:
		return nil, fail(85020, "the version's audit status does not allow the release")
	}
	w.audit.consumed = true
	v := w.audit.version
	v.at = r.now
	w.live = append(w.live, v)
	if extra := len(w.live) - keepVersions - 1; extra > 0 {
		w.live = w.live[extra:]
	}
	if w.gray.status == 1 {
		w.gray.status = 3
	}
	return done()
}

// revertRelease goes back to an older version; with action it only lists what one can go back to.
func revertRelease(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if r.query.Has("action") {
		return w.history()
	}
	if w.gray.status == 1 {
		return nil, fail(87011, "a gray release is running, revert it first")
	}
	target := len(w.live) - 2
	if v := r.query.Get("app_version"); v != "" {
		target = slices.IndexFunc(w.live, func(o version) bool { return strconv.FormatInt(o.number, 10) == v })
	}
	if target < 0 || target >= len(w.live)-1 || w.live[target].reverted || w.released().reverted {
		return nil, fail(87012, "the version can not be reverted")
	}
	// What is gone back to is live from now on, and this version is not gone back from again.
	back := w.live[target]
	back.at, back.reverted = r.now, true
	w.live = append(w.live[:target:target], back)
	return done()
}

func (w *weapp) history() (any, error) {
	list := []obj{}
	for i := len(w.live) - 2; i >= 0; i-- {
		v := w.live[i]
		list = append(list, obj{
			"app_version": v.number, "user_version": v.name, "user_desc": v.desc, "commit_time": v.at.Unix(),
		})
	}
	return answer(obj{"version_list": list})
}

func grayRelease(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		Percentage int  `json:"gray_percentage"`
		Debugger   bool `json:"support_debuger_first"`
		Experience bool `json:"support_experiencer_first"`
	}](r)
	if err != nil {
		return nil, err
	}
	members := req.Debugger || req.Experience
	switch {
	case req.Percentage < 0 || req.Percentage > 100 || (req.Percentage == 0 && !members):
		return nil, fail(85080, "invalid gray_percentage")
	case w.audit == nil || w.audit.consumed:
		return nil, fail(85019, "no version is audited")
	case w.audit.status != auditApproved:
		return nil, fail(85020, "the version's audit status does not allow the release")
	}
	w.gray = grayPlan{status: 1, percentage: req.Percentage, created: r.now, debugger: req.Debugger, experience: req.Experience}
	return done()
}

func grayReleasePlan(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	created := int64(0)
	if !w.gray.created.IsZero() {
		created = w.gray.created.Unix()
	}
	return answer(obj{"gray_release_plan": obj{
		"status": w.gray.status, "create_timestamp": created, "gray_percentage": w.gray.percentage,
		"support_debuger_first": w.gray.debugger, "support_experiencer_first": w.gray.experience,
	}})
}

func revertGrayRelease(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	w.gray.status = 4
	return done()
}

func changeVisitStatus(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		Action string `json:"action"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.Action != "open" && req.Action != "close" {
		return nil, fail(85022, "invalid action")
	}
	w.closed = req.Action == "close"
	return done()
}

func getVisitStatus(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	return answer(obj{"status": w.visitStatus()})
}

// versionInfo leaves out the versions that there are not.
func versionInfo(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	o := obj{}
	if v := w.trial; v != nil {
		o["exp_info"] = obj{"exp_time": v.at.Unix(), "exp_version": v.name, "exp_desc": v.desc}
	}
	if v := w.released(); v != nil {
		o["release_info"] = obj{"release_time": v.at.Unix(), "release_version": v.name, "release_desc": v.desc}
	}
	return answer(o)
}
