package weapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
)

// Types of media and what they are for.
const (
	MediaImage = "image"
	MediaVideo = "video"

	UsePreview  = "preview"  // shown to the auditors as previewInfo
	UseFeedback = "feedback" // sent to them as feedbackStuff
)

// WeChat's limits, in bytes.
const (
	maxPreviewImage  = 2 << 20
	maxFeedbackImage = 10 << 20
	maxVideo         = 10 << 20
)

// MaxMedia is the largest file that any use allows.
const MaxMedia = 10 << 20

// Media is a file to upload. What it holds decides what it is, not what it is called.
type Media struct {
	Type    string // MediaImage or MediaVideo
	Use     string // UsePreview or UseFeedback
	Size    int64
	Content io.ReadSeeker
}

// Upload checks a file against WeChat's limits and uploads it (wxa/uploadmedia, or media/upload for
// feedback). A file that WeChat would refuse is errno.BadParam for "media".
func (s *Service) Upload(ctx context.Context, appid string, m Media) (wx.Media, error) {
	file, err := m.check()
	if err != nil {
		return wx.Media{}, err
	}
	if m.Use == UseFeedback {
		return s.deps.WeChat.UploadTemporary(ctx, appid, m.Type, file)
	}
	return s.deps.WeChat.UploadMedia(ctx, appid, file)
}

func (m Media) check() (wx.File, error) {
	if m.Use == UseFeedback && m.Type != MediaImage {
		return wx.File{}, errno.Param("type", "must be image for feedback")
	}
	if limit := m.limit(); m.Size > limit {
		return wx.File{}, errno.Param("media", fmt.Sprintf("must be at most %d MB", limit>>20))
	}
	if m.Size == 0 {
		return wx.File{}, errno.Param("media", "is empty")
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(m.Content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return wx.File{}, fmt.Errorf("read the file: %w", err)
	}
	extension, mimeType := m.kind(head[:n])
	if extension == "" {
		wanted := "must be a PNG, JPEG or GIF image"
		if m.Type == MediaVideo {
			wanted = "must be an MP4 video"
		}
		return wx.File{}, errno.Param("media", wanted)
	}
	return wx.File{Name: "media" + extension, Type: mimeType, Content: m.Content}, nil
}

func (m Media) limit() int64 {
	switch {
	case m.Type == MediaVideo:
		return maxVideo
	case m.Use == UseFeedback:
		return maxFeedbackImage
	}
	return maxPreviewImage
}

// kind recognises the file by its beginning; "" when it is not what it should be.
func (m Media) kind(head []byte) (extension, mimeType string) {
	if m.Type == MediaVideo {
		if isMP4(head) {
			return ".mp4", "video/mp4"
		}
		return "", ""
	}
	switch mimeType = http.DetectContentType(head); mimeType {
	case "image/png":
		return ".png", mimeType
	case "image/jpeg":
		return ".jpg", mimeType
	case "image/gif":
		return ".gif", mimeType
	}
	return "", ""
}

// isMP4 tells whether the file begins as MP4 does, whatever brand wrote it. QuickTime begins alike.
func isMP4(head []byte) bool {
	return len(head) >= 12 && bytes.Equal(head[4:8], []byte("ftyp")) && !bytes.Equal(head[8:12], []byte("qt  "))
}
