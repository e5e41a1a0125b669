package dao

import "strings"

// where collects conditions.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(condition string, args ...any) {
	w.parts = append(w.parts, condition)
	w.args = append(w.args, args...)
}

func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + w.and()
}

// and joins the conditions so that all are needed.
func (w *where) and() string { return strings.Join(w.parts, " AND ") }

func (w *where) clone() *where {
	return &where{append([]string{}, w.parts...), append([]any{}, w.args...)}
}

// or joins the conditions so that one suffices.
func (w *where) or() string { return strings.Join(w.parts, " OR ") }

// union puts queries with limits of their own one after the other.
type union struct {
	parts []string
	args  []any
}

func (u *union) add(query string, args ...any) {
	u.parts = append(u.parts, "SELECT * FROM ("+query+") q")
	u.args = append(u.args, args...)
}

func (u *union) String() string { return strings.Join(u.parts, " UNION ALL ") }

// assignments are the SET part of an UPDATE.
type assignments struct {
	parts []string
	args  []any
}

func (a *assignments) put(column string, value any) { a.expr(column, "?", value) }

func (a *assignments) expr(column, expression string, args ...any) {
	a.parts = append(a.parts, column+" = "+expression)
	a.args = append(a.args, args...)
}

// text assigns a value that is not empty.
func (a *assignments) text(column, value string) {
	if value != "" {
		a.put(column, value)
	}
}

// number assigns a value that is known.
func (a *assignments) number(column string, value *int) {
	if value != nil {
		a.put(column, *value)
	}
}

func (a *assignments) String() string { return strings.Join(a.parts, ", ") }
