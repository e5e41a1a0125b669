package wxsim_test

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// dev is the caller of the code management API of one mini program.
type dev struct {
	*platform
	app wxsim.Account
	q   string
}

func newDev(t *testing.T, change ...func(*wxsim.Config)) dev {
	t.Helper()
	return newPlatform(t, change...).dev()
}

func (p *platform) dev() dev {
	p.t.Helper()
	a := p.account(wxsim.MiniProgram)
	return dev{p, a, p.as(a)}
}

func (d dev) get(path string) fields { return d.call(http.MethodGet, path+d.q, nil) }

func (d dev) do200(path string, body any) fields { return d.ok(path+d.q, body) }

func (d dev) commit(version string) {
	d.t.Helper()
	d.do200("/wxa/commit", fields{"template_id": 1, "ext_json": "{}", "user_version": version, "user_desc": "desc"})
}

// release takes a version all the way.
func (d dev) release(version string) {
	d.t.Helper()
	d.commit(version)
	d.do200("/wxa/submit_audit", fields{})
	_, err := d.ApproveAudit(d.t.Context(), d.app.AppID)
	require.NoError(d.t, err)
	d.do200("/wxa/release", fields{})
}

func TestCommitChecksItsInput(t *testing.T) {
	d := newDev(t)
	for name, tc := range map[string]struct {
		template any
		ext      any
		version  string
		want     int
	}{
		"good":              {1, `{"extEnable":true}`, "1.0", 0},
		"id as text":        {"1", `{}`, "1.0", 0},
		"unknown template":  {99, `{}`, "1.0", 85014},
		"ext is no JSON":    {1, `{`, "1.0", 85013},
		"ext is a list":     {1, `[]`, "1.0", 85013},
		"ext is not a text": {1, fields{}, "1.0", 47001},
		"no version":        {1, `{}`, "", 85015},
		"long version":      {1, `{}`, strings.Repeat("1", 65), 85015},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, errcode(d.post("/wxa/commit"+d.q, fields{
				"template_id": tc.template, "ext_json": tc.ext, "user_version": tc.version,
			})))
		})
	}
}

func TestPermissionSetIsWanted(t *testing.T) {
	d := newDev(t)
	_, err := d.Authorize(t.Context(), d.app.AppID, wxsim.AuthorizeOptions{Funcs: []int{17, 181, 8}})
	require.NoError(t, err)
	require.Equal(t, 61007, errcode(d.get("/wxa/get_page")))
}

func TestPrivacyCheckFollowsACommit(t *testing.T) {
	d := newDev(t, func(c *wxsim.Config) { c.Settings.PrivacyCheck = wxsim.Duration(time.Minute) })
	require.Equal(t, 86001, errcode(d.get("/wxa/security/get_code_privacy_info")))
	d.commit("1.0")
	require.Equal(t, 61039, errcode(d.get("/wxa/security/get_code_privacy_info")))
	require.Equal(t, 61039, errcode(d.post("/wxa/submit_audit"+d.q, fields{})))
	d.clock.Advance(time.Minute)
	require.Equal(t, []any{}, d.get("/wxa/security/get_code_privacy_info")["without_auth_list"])
	d.do200("/wxa/submit_audit", fields{})
}

func TestSubmissionIsChecked(t *testing.T) {
	d := newDev(t)
	require.Equal(t, 85086, errcode(d.post("/wxa/submit_audit"+d.q, fields{})))
	d.commit("1.0")
	category := d.get("/wxa/get_category")["category_list"].([]any)[0].(fields)
	item := func(name string, value any) []any {
		it := fields{"address": "pages/index/index", "tag": "咖啡 外卖", "title": "首页"}
		for k, v := range category {
			it[k] = v
		}
		if name != "" {
			it[name] = value
		}
		return []any{it}
	}
	for name, tc := range map[string]struct {
		items any
		want  int
	}{
		"long tag":       {item("tag", strings.Repeat("长", 21)), 85006},
		"many tags":      {item("tag", strings.Repeat("a ", 11)), 85006},
		"unknown page":   {item("address", "pages/x"), 85007},
		"other category": {item("first_id", 1), 85008},
		"missing field":  {item("second_class", ""), 85010},
		"long title":     {item("title", strings.Repeat("长", 33)), 85011},
		"empty list":     {[]any{}, 85023},
		"six":            {[]any{1, 2, 3, 4, 5, 6}, 47001},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, errcode(d.post("/wxa/submit_audit"+d.q, fields{"item_list": tc.items})))
		})
	}
	preview := fields{"pic_id_list": []string{"x"}}
	require.Equal(t, 85092, errcode(d.post("/wxa/submit_audit"+d.q, fields{"preview_info": preview})))
	preview["pic_id_list"] = []string{d.upload("image/png", pngHead())["mediaid"].(string)}
	d.do200("/wxa/submit_audit", fields{"item_list": item("", nil), "preview_info": preview})
	require.Equal(t, 85009, errcode(d.post("/wxa/submit_audit"+d.q, fields{})))
}

func TestAuditFromSubmissionToRelease(t *testing.T) {
	d := newDev(t)
	require.Equal(t, 85058, errcode(d.get("/wxa/get_latest_auditstatus")))
	require.Equal(t, 85019, errcode(d.post("/wxa/release"+d.q, fields{})))
	d.commit("1.0.0")
	id := d.do200("/wxa/submit_audit", fields{})["auditid"].(float64)
	require.Greater(t, id, float64(1<<31))
	require.Equal(t, 85020, errcode(d.post("/wxa/release"+d.q, fields{})))
	require.Equal(t, 85012, errcode(d.post("/wxa/speedupaudit"+d.q, fields{"auditid": 1})))
	d.do200("/wxa/speedupaudit", fields{"auditid": id})
	require.EqualValues(t, 49, d.get("/wxa/queryquota")["speedup_rest"])

	res, err := d.RejectAudit(t.Context(), d.app.AppID, "1:缺少说明<br>")
	require.NoError(t, err)
	require.True(t, res.Accepted)
	event := d.product.last()
	require.Equal(t, "/wxcallback/biz/"+d.app.AppID, event.path)
	require.Equal(t, "weapp_audit_fail", event.fields.Get("Event"))
	latest := d.get("/wxa/get_latest_auditstatus")
	require.Equal(t, id, latest["auditid"])
	require.EqualValues(t, 1, latest["status"])
	require.Equal(t, "1:缺少说明<br>", latest["reason"])
	require.Equal(t, event.fields.Get("ScreenShot"), latest["ScreenShot"])
	shot := strings.Split(event.fields.Get("ScreenShot"), "|")[0]
	resp, raw := d.do(http.MethodPost, "/cgi-bin/material/get_material"+d.q, fields{"media_id": shot})
	requireJPEG(t, resp, raw)

	d.do200("/wxa/submit_audit", fields{})
	_, err = d.DelayAudit(t.Context(), d.app.AppID, "")
	require.NoError(t, err)
	require.EqualValues(t, 4, d.get("/wxa/get_latest_auditstatus")["status"])
	require.Equal(t, 0, errcode(d.get("/wxa/undocodeaudit")))
	require.Equal(t, 85012, errcode(d.get("/wxa/undocodeaudit")))
	_, err = d.ApproveAudit(t.Context(), d.app.AppID)
	require.Error(t, err)

	d.do200("/wxa/submit_audit", fields{})
	_, err = d.ApproveAudit(t.Context(), d.app.AppID)
	require.NoError(t, err)
	require.Equal(t, 44002, errcode(d.post("/wxa/release"+d.q, "")))
	d.do200("/wxa/release", fields{})
	require.Equal(t, 85019, errcode(d.post("/wxa/release"+d.q, fields{})))
	info := d.do200("/wxa/getversioninfo", fields{})
	require.Equal(t, "1.0.0", info["release_info"].(fields)["release_version"])
	require.Equal(t, "1.0.0", info["exp_info"].(fields)["exp_version"])
}

func TestRevertGoesBackOnce(t *testing.T) {
	d := newDev(t)
	live := func() any {
		return d.do200("/wxa/getversioninfo", fields{})["release_info"].(fields)["release_version"]
	}
	d.release("1.0")
	require.Equal(t, 87012, errcode(d.get("/wxa/revertcoderelease")))
	d.release("2.0")
	d.release("3.0")
	list := d.call(http.MethodGet, "/wxa/revertcoderelease"+d.q+"&action=get_history_version&app_version=1", nil)["version_list"].([]any)
	require.Len(t, list, 2)
	require.Equal(t, "3.0", live(), "a call with action reverts nothing")
	oldest := list[1].(fields)
	require.Equal(t, "1.0", oldest["user_version"])
	require.Equal(t, 0, errcode(d.call(http.MethodGet, fmt.Sprintf("/wxa/revertcoderelease%s&app_version=%.0f", d.q, oldest["app_version"]), nil)))
	require.Equal(t, "1.0", live())
	require.Equal(t, 87012, errcode(d.get("/wxa/revertcoderelease")))
}

func TestGrayRelease(t *testing.T) {
	d := newDev(t)
	d.release("1.0")
	d.commit("2.0")
	require.Equal(t, 85019, errcode(d.post("/wxa/grayrelease"+d.q, fields{"gray_percentage": 10})))
	d.do200("/wxa/submit_audit", fields{})
	_, err := d.ApproveAudit(t.Context(), d.app.AppID)
	require.NoError(t, err)
	require.Equal(t, 85080, errcode(d.post("/wxa/grayrelease"+d.q, fields{"gray_percentage": 0})))
	d.do200("/wxa/grayrelease", fields{"gray_percentage": 10, "support_debuger_first": true})
	plan := d.get("/wxa/getgrayreleaseplan")["gray_release_plan"].(fields)
	require.EqualValues(t, 1, plan["status"])
	require.Equal(t, true, plan["support_debuger_first"])
	require.Equal(t, 87011, errcode(d.get("/wxa/revertcoderelease")))
	require.Equal(t, 0, errcode(d.get("/wxa/revertgrayrelease")))
	d.do200("/wxa/release", fields{})
}

func TestVisitStatus(t *testing.T) {
	d := newDev(t)
	require.EqualValues(t, 1, d.do200("/wxa/getvisitstatus", fields{})["status"])
	d.do200("/wxa/change_visitstatus", fields{"action": "close"})
	require.EqualValues(t, 0, d.do200("/wxa/getvisitstatus", fields{})["status"])
	require.Equal(t, 85022, errcode(d.post("/wxa/change_visitstatus"+d.q, fields{"action": "x"})))
}

func TestTemplateLibrary(t *testing.T) {
	p := newPlatform(t)
	q := "?access_token=" + p.componentToken()
	ids := func(more string) (ids []any) {
		for _, e := range p.call(http.MethodGet, "/wxa/gettemplatelist"+q+more, nil)["template_list"].([]any) {
			ids = append(ids, e.(fields)["template_id"])
		}
		return ids
	}
	drafts := p.call(http.MethodGet, "/wxa/gettemplatedraftlist"+q, nil)["draft_list"].([]any)
	require.Len(t, drafts, 3)
	require.Len(t, ids(""), 2)
	p.ok("/wxa/addtotemplate"+q, fields{"draft_id": drafts[2].(fields)["draft_id"], "template_type": 1})
	require.Equal(t, []any{3.0}, ids("&template_type=1"))
	p.ok("/wxa/deletetemplate"+q, fields{"template_id": 3})
	require.Empty(t, ids("&template_type=1"))
	require.Equal(t, 85064, errcode(p.post("/wxa/deletetemplate"+q, fields{"template_id": 3})))
	require.Equal(t, 85064, errcode(p.post("/wxa/addtotemplate"+q, fields{"draft_id": 99})))
}

func requireJPEG(t *testing.T, resp *http.Response, raw []byte) {
	t.Helper()
	require.Equal(t, "image/jpeg", resp.Header.Get("Content-Type"))
	_, err := jpeg.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
}

func TestCodesArePictures(t *testing.T) {
	d := newDev(t)
	require.Equal(t, 86001, errcode(d.get("/wxa/get_qrcode")))
	d.commit("1.0")
	resp, raw := d.do(http.MethodGet, "/wxa/get_qrcode"+d.q+"&path=pages%2Findex%2Findex", nil)
	requireJPEG(t, resp, raw)
	resp, raw = d.do(http.MethodPost, "/wxa/getwxacodeunlimit"+d.q, fields{"scene": "a=1"})
	requireJPEG(t, resp, raw)
	require.Equal(t, 40129, errcode(d.post("/wxa/getwxacodeunlimit"+d.q, fields{"scene": ""})))
	require.Equal(t, 41030, errcode(d.post("/wxa/getwxacodeunlimit"+d.q, fields{"scene": "a", "page": "pages/index/index"})))
}

func pngHead() []byte { return append([]byte("\x89PNG\x0D\x0A\x1A\x0A"), make([]byte, 100)...) }

func mp4(size int) []byte {
	return append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, size)...)
}

func (d dev) upload(contentType string, data []byte) fields {
	return d.uploadTo("/wxa/uploadmedia"+d.q, "media", contentType, data)
}

func (d dev) uploadTo(path, field, contentType string, data []byte) fields {
	d.t.Helper()
	var b bytes.Buffer
	b.Grow(len(data) + 1<<10)
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="f"`, field)}, "Content-Type": {contentType},
	})
	require.NoError(d.t, err)
	_, err = part.Write(data)
	require.NoError(d.t, err)
	require.NoError(d.t, w.Close())
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+path, &b)
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return d.answerTo(req)
}

func TestUploadLimits(t *testing.T) {
	d := newDev(t)
	require.Equal(t, "image", d.upload("image/png", pngHead())["type"])
	require.Equal(t, "video", d.upload("video/mp4", mp4(3<<20))["type"])
	require.Equal(t, 40006, errcode(d.upload("image/png", append(pngHead(), make([]byte, 2<<20)...))))
	require.Equal(t, 40006, errcode(d.upload("video/mp4", mp4(10<<20))))
	require.Equal(t, 40004, errcode(d.upload("image/png", []byte("just text"))))
	require.Equal(t, 41005, errcode(d.uploadTo("/wxa/uploadmedia"+d.q, "file", "image/png", pngHead())))
	require.Equal(t, 41005, errcode(d.post("/wxa/uploadmedia"+d.q, fields{})))

	temp := d.uploadTo("/cgi-bin/media/upload"+d.q+"&type=image", "media", "image/png", append(pngHead(), make([]byte, 3<<20)...))
	require.NotEmpty(t, temp["media_id"])
	require.Equal(t, 40004, errcode(d.uploadTo("/cgi-bin/media/upload"+d.q+"&type=preview", "media", "image/png", pngHead())))
}
