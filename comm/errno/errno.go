// Package errno defines the one error type that crosses package borders towards a caller of the
// HTTP API, and the table of wire codes that such callers rely on.
//
// A function that meets a failure its caller should be told about returns an *Error; everything
// else may return any error and is answered as System, without its text.
package errno

import (
	"errors"
	"fmt"
)

// Code is the number in the "code" member of an answer.
type Code int

// The codes of the template, kept to the number.
const (
	OK              Code = 0
	NotAuthorized   Code = 1000 // no login at all
	BadParam        Code = 1001 // a parameter is missing or wrong; Field names it
	System          Code = 1002 // our own failure, or WeChat's (see Upstream)
	LoginExpired    Code = 1003 // the login was good and has ended
	BadToken        Code = 1004 // the login token is not one of ours
	UserUpdate      Code = 1005 // user name or password could not be changed
	LoginFailed     Code = 1006 // wrong user name or password
	NoTicket        Code = 1007 // WeChat has not pushed a component_verify_ticket yet
	BadState        Code = 1008 // the object's state does not allow the call
	WrongType       Code = 1009 // the object is of another type
	CallFailed      Code = 1010 // a service of the provider's could not be called
	TooManyFailures Code = 1011 // too many failed logins
)

// Codes that the template did not have.
const (
	RateLimited   Code = 1100 // too many calls from this address
	NotConfigured Code = 1101 // a setting that the call needs is missing; Message names it
)

// text is the English sentence of a code that comes without its own.
func (c Code) text() string {
	switch c {
	case OK:
		return "OK"
	case NotAuthorized:
		return "not authorized"
	case BadParam:
		return "invalid parameter"
	case LoginExpired:
		return "login expired"
	case BadToken:
		return "invalid token"
	case UserUpdate:
		return "user update failed"
	case LoginFailed:
		return "wrong user name or password"
	case NoTicket:
		return "no component_verify_ticket yet"
	case BadState:
		return "the current state does not allow this"
	case WrongType:
		return "wrong type"
	case CallFailed:
		return "the called service failed"
	case TooManyFailures:
		return "too many failed logins, try again later"
	case RateLimited:
		return "too many requests, try again later"
	case NotConfigured:
		return "not configured"
	case System:
		return "system error"
	}
	return "system error"
}

// Error is a failure that the caller of the API is told about.
type Error struct {
	Code    Code
	Message string // safe to show; empty means the code's own text
	Field   string // the parameter at fault, for BadParam
	Data    any    // sent as "data" beside the code, where the contract wants it
	Cause   error  // logged, never sent
}

// New returns an error with a message that is safe to show.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Wrap returns an error that keeps its cause for the log and shows only the message.
func Wrap(code Code, cause error, message string) *Error {
	return &Error{Code: code, Message: message, Cause: cause}
}

// Param returns BadParam for one named parameter; why completes the sentence "<field>: <why>".
func Param(field, why string) *Error {
	return &Error{Code: BadParam, Field: field, Message: field + ": " + why}
}

// Text is what may be shown to the caller.
func (e *Error) Text() string {
	if e.Message != "" {
		return e.Message
	}
	return e.Code.text()
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", e.Text(), e.Cause)
	}
	return e.Text()
}

func (e *Error) Unwrap() error { return e.Cause }

// As finds the *Error in err's chain; any other error comes back as System with err as its cause.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Wrap(System, err, "")
}

// Is tells whether err carries the code.
func Is(err error, code Code) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

// Upstream is what a caller is told of a failure of WeChat's API: the "wx" member of an answer.
type Upstream struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	RID     string `json:"rid,omitempty"`  // WeChat's request id, for its support and for openapi/rid/get
	Hint    string `json:"hint,omitempty"` // what to do about it
}

// UpstreamError is met by errors that stand for a failure of WeChat's API. They are answered with
// code System and the Upstream beside it.
type UpstreamError interface {
	error
	Upstream() Upstream
}
