package dao

import (
	"context"

	"wxcomponent/db/model"
)

// AuditAdd adds a line to the audit trail.
func (s *Store) AuditAdd(ctx context.Context, a model.Audit) error {
	_, err := s.exec(ctx, "INSERT INTO audit_trail (atms, username, address, action, object, result, requestid, detail)"+
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)", a.AtMS, cut(a.Username, 64), cut(a.Address, 64), cut(a.Action, 64),
		cut(a.Object, 191), cut(a.Result, 32), cut(a.RequestID, 64), cut(a.Detail, 16000))
	return fail("write the audit trail", err)
}

// AuditList returns lines of the audit trail, newest first.
func (s *Store) AuditList(ctx context.Context, f model.AuditFilter) (page model.Page[model.Audit], err error) {
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	w := &where{}
	if !f.From.IsZero() {
		w.add("atms >= ?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		w.add("atms <= ?", f.To.UnixMilli())
	}
	w.equal("username", f.Username)
	w.equal("action", f.Action)
	w.equal("object", f.Object)
	var total int64
	err = s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM audit_trail"+w.String()+" LIMIT ?) x",
		append(w.clone().args, MaxTotal+1)...).Scan(&total).Error
	if err != nil {
		return page, fail("count the audit trail", err)
	}
	capTotal(&page, total)
	if after != nil {
		w.add("atms <= ? AND (atms < ? OR id < ?)", after.at, after.at, after.id)
	}
	var rows []model.Audit
	err = s.read(ctx).Raw("SELECT * FROM audit_trail"+w.String()+" ORDER BY atms DESC, id DESC LIMIT ?",
		append(w.args, f.Limit+1)...).Scan(&rows).Error
	if err != nil {
		return page, fail("read the audit trail", err)
	}
	trim(&page, rows, f.Limit, func(a model.Audit) position { return position{a.AtMS, a.ID} })
	return page, nil
}
