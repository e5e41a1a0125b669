package admin

import (
	"cmp"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"wxcomponent/api"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/errno"
)

const (
	maxUpload    = weapp.MaxMedia + 1<<20 // the file and the form around it
	uploadMemory = 1 << 20                // larger files go through a temporary one
	uploadTime   = 2 * time.Minute        // for a slow line
)

type uploadReq struct {
	AppID string `query:"appid" json:"-" validate:"required"`
	Type  string `query:"type" validate:"required,oneof=image video"`
	Use   string `query:"use" validate:"omitempty,oneof=preview feedback"` // preview when empty
}

type uploadRes struct {
	Type      string `json:"type"`
	MediaID   string `json:"mediaId"`
	CreatedAt int64  `json:"createdAt"`
}

// uploadRoute takes a form with the file in its field "media".
func (h *WeappHandlers) uploadRoute() api.Route {
	bind := api.Binder[uploadReq]()
	r := api.Raw[uploadReq, uploadRes](http.MethodPost, "/admin/upload-media", "Upload an image or video for an audit", func(c *gin.Context) {
		req, err := bind(c.Request)
		var res *uploadRes
		if err == nil {
			res, err = h.upload(c, req)
		}
		api.Answer(c, res, err)
	})
	r.Multipart = true
	return r.Takes(api.CallTime).Audited("weapp.upload")
}

func (h *WeappHandlers) upload(c *gin.Context, req *uploadReq) (*uploadRes, error) {
	file, head, err := receive(c)
	if c.Request.MultipartForm != nil {
		defer func() { _ = c.Request.MultipartForm.RemoveAll() }()
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	ctx := c.Request.Context()
	m, err := h.weapps.Upload(ctx, req.AppID, weapp.Media{
		Type: req.Type, Use: cmp.Or(req.Use, weapp.UsePreview), Size: head.Size, Content: file,
	})
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &uploadRes{cmp.Or(m.Type, req.Type), m.MediaID, cmp.Or(m.CreatedAt.Int64(), time.Now().Unix())}, nil
}

// receive reads the form. A form that is too large is refused before it has been read.
func receive(c *gin.Context) (multipart.File, *multipart.FileHeader, error) {
	tooLarge := errno.Param("media", "must be at most 10 MB")
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, nil, errno.Param("media", "must be sent as multipart/form-data")
	}
	if c.Request.ContentLength > maxUpload {
		return nil, nil, tooLarge
	}
	// Not every writer has deadlines; the server's own are kept then.
	control := http.NewResponseController(c.Writer)
	_ = control.SetReadDeadline(time.Now().Add(uploadTime))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime))
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxUpload)
	if err := c.Request.ParseMultipartForm(uploadMemory); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, nil, tooLarge
		}
		return nil, nil, errno.Wrap(errno.BadParam, err, "media: the form could not be read")
	}
	file, head, err := c.Request.FormFile("media")
	if err != nil {
		return nil, nil, errno.Param("media", "is required, as a file")
	}
	return file, head, nil
}
