package wxsim

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// sniffed is how much of a file tells its type.
const sniffed = 512

// upload is a file out of a multipart body.
type upload struct {
	contentType string // found in the data, not what the caller says
	size        int
}

// readUpload finds the part "media" as WeChat wants it: with a file name.
func readUpload(r *request) (upload, error) {
	kind, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return upload{}, fail(41005, "media data missing")
	}
	parts := multipart.NewReader(bytes.NewReader(r.body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return upload{}, fail(41005, "media data missing")
		}
		if part.FormName() != "media" || part.FileName() == "" {
			continue
		}
		head := make([]byte, sniffed)
		n, err := io.ReadFull(part, head)
		if n == 0 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return upload{}, fail(41005, "media data missing")
		}
		rest, err := io.Copy(io.Discard, part)
		if err != nil {
			return upload{}, fail(41005, "media data missing")
		}
		return upload{http.DetectContentType(head[:n]), n + int(rest)}, nil
	}
}

func isImage(contentType string) bool {
	return contentType == "image/jpeg" || contentType == "image/png" || contentType == "image/gif"
}

// checkUpload holds WeChat's limits for a kind of media.
func checkUpload(kind string, u upload) error {
	limits := map[string]int{"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10, "preview": 2 << 20}
	switch {
	case limits[kind] == 0,
		kind == "video" && u.contentType != "video/mp4",
		kind == "thumb" && u.contentType != "image/jpeg",
		(kind == "image" || kind == "preview") && !isImage(u.contentType):
		return fail(40004, "invalid media type")
	case u.size > limits[kind]:
		return fail(40006, "invalid media size")
	}
	return nil
}

// uploadMedia takes the previews of an audit: images up to 2 MB, MP4 up to 10 MB.
func uploadMedia(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	u, err := readUpload(r)
	if err != nil {
		return nil, err
	}
	kind, limit := "image", "preview"
	if u.contentType == "video/mp4" {
		kind, limit = "video", "video"
	}
	if err := checkUpload(limit, u); err != nil {
		return nil, err
	}
	mediaID := "preview_" + randomText(48)
	w.media[mediaID] = r.now.Add(mediaLife)
	return answer(obj{"type": kind, "mediaid": mediaID})
}

// uploadTemporary takes temporary material of the four kinds.
func uploadTemporary(_ *Sim, r *request) (any, error) {
	kind := r.query.Get("type")
	u, err := readUpload(r)
	if err != nil {
		return nil, err
	}
	if kind == "preview" {
		kind = ""
	}
	if err := checkUpload(kind, u); err != nil {
		return nil, err
	}
	return obj{"type": kind, "media_id": "temp_" + randomText(58), "created_at": r.now.Unix()}, nil
}

// material returns the screenshots that a failed audit names.
func material(_ *Sim, r *request) (any, error) {
	req, err := decode[struct {
		MediaID string `json:"media_id"`
	}](r)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(req.MediaID, "shot-") {
		return nil, fail(40007, "invalid media_id")
	}
	return response{"image/jpeg", codeJPEG(req.MediaID)}, nil
}

func trialQRCode(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	if w.trial == nil {
		return nil, fail(86001, "no code exists")
	}
	return response{"image/jpeg", codeJPEG(r.account.AppID + "trial" + r.query.Get("path") + w.trial.name)}, nil
}

func unlimitedCode(_ *Sim, r *request) (any, error) {
	w, err := r.code()
	if err != nil {
		return nil, err
	}
	req, err := decode[struct {
		Scene     string `json:"scene"`
		Page      string `json:"page"`
		CheckPath *bool  `json:"check_path"`
		Env       string `json:"env_version"`
	}](r)
	if err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(req.Scene); n == 0 || n > 32 {
		return nil, fail(40129, "invalid scene")
	}
	check := req.CheckPath == nil || *req.CheckPath
	if check && req.Page != "" && (w.released() == nil || !slices.Contains(codePages(), req.Page)) {
		return nil, fail(41030, "invalid page")
	}
	return response{"image/jpeg", codeJPEG(r.account.AppID + req.Env + req.Page + req.Scene)}, nil
}
