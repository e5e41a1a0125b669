// Package httputils writes the one answer envelope of the HTTP API and makes the client for calls
// that leave the service.
package httputils

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"wxcomponent/comm/errno"
)

// Envelope is every answer of /wxcomponent/* and /inner/*.
type Envelope struct {
	Code     errno.Code      `json:"code"`
	ErrorMsg string          `json:"errorMsg"`
	Data     any             `json:"data,omitempty"`
	Field    string          `json:"field,omitempty"` // the parameter at fault, with code 1001
	WX       *errno.Upstream `json:"wx,omitempty"`    // WeChat's own error, with code 1002
}

// EnvelopeOf describes a failure to the caller without giving its cause away.
func EnvelopeOf(err error) Envelope {
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		info := up.Upstream()
		return Envelope{
			Code: errno.System, ErrorMsg: errno.New(errno.System, "").Text(), WX: &info,
			Data: "WeChat API failed: errcode " + strconv.Itoa(info.ErrCode) + ", " + info.ErrMsg,
		}
	}
	e := errno.As(err)
	env := Envelope{Code: e.Code, ErrorMsg: e.Text(), Data: e.Data, Field: e.Field}
	if env.Data == nil && e.Code != errno.System && e.Message != "" {
		env.Data = e.Message // the template's clients show data, not errorMsg
	}
	return env
}

// WriteOK answers with code 0 and data; nil leaves data out.
func WriteOK(w http.ResponseWriter, data any) error {
	return writeJSON(w, http.StatusOK, Envelope{Code: errno.OK, ErrorMsg: "OK", Data: data})
}

// WriteError answers with the code that err stands for, under HTTP 200 as the template does.
func WriteError(w http.ResponseWriter, err error) error {
	return WriteErrorStatus(w, http.StatusOK, err)
}

// WriteErrorStatus is WriteError for the few answers whose HTTP status is part of the contract.
func WriteErrorStatus(w http.ResponseWriter, status int, err error) error {
	return writeJSON(w, status, EnvelopeOf(err))
}

func writeJSON(w http.ResponseWriter, status int, env Envelope) error {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(env)
}
