package dao

import "strings"

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
