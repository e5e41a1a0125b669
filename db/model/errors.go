package model

import "errors"

// The errors of the store that callers tell apart with errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrDuplicate   = errors.New("already there")
	ErrFenced      = errors.New("the lease is no longer held")
	ErrBadCursor   = errors.New("not a cursor of this list")
	ErrUnavailable = errors.New("the database cannot be used") // trying the same again may help
)
