package wx

import (
	"context"
	"fmt"
	"net/url"

	"wxcomponent/comm/httputils"
)

// Media is an uploaded file.
type Media struct {
	Type      string
	MediaID   string
	CreatedAt Int // seconds; 0 when WeChat does not tell
}

// UploadMedia uploads an image (2 MB) or video (10 MB) to be shown at an audit (wxa/uploadmedia).
// It is kept for three days.
func (c *Client) UploadMedia(ctx context.Context, appid string, file File) (Media, error) {
	return c.upload(ctx, endpoint{path: "/wxa/uploadmedia", as: account, effect: acts, media: true}, appid, nil, file)
}

// UploadTemporary uploads temporary material (media/upload), which is what feedback at an audit
// refers to. mediaType is image, voice, video or thumb.
func (c *Client) UploadTemporary(ctx context.Context, appid, mediaType string, file File) (Media, error) {
	e := endpoint{path: "/cgi-bin/media/upload", as: account, effect: acts, media: true}
	return c.upload(ctx, e, appid, url.Values{"type": {mediaType}}, file)
}

func (c *Client) upload(ctx context.Context, e endpoint, appid string, query url.Values, file File) (Media, error) {
	form, err := file.form("media")
	if err != nil {
		return Media{}, fmt.Errorf("%s: %w", e.path, err)
	}
	var res struct {
		Type      string `json:"type"`
		MediaID   string `json:"mediaid"`  // wxa/uploadmedia
		TempID    string `json:"media_id"` // media/upload
		ThumbID   string `json:"thumb_media_id"`
		CreatedAt Int    `json:"created_at"`
	}
	err = c.send(ctx, request{
		endpoint: e, appid: appid, query: query, body: form,
		decode: func(a *httputils.Answer) error { return decode(e.path, a, &res) },
	})
	if err != nil {
		return Media{}, err
	}
	m := Media{Type: res.Type, MediaID: res.MediaID + res.TempID + res.ThumbID, CreatedAt: res.CreatedAt}
	if m.MediaID == "" {
		return Media{}, e.lacks("mediaid")
	}
	return m, nil
}
