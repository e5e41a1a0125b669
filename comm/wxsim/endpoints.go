package wxsim

import (
	"net/http"
	"strings"

	"wxcomponent/comm/httputils"
)

// endpoints is the server API, path by path.
func endpoints() []endpoint {
	const get, post = http.MethodGet, http.MethodPost
	dev, code, chat := []int{18}, []int{17, 18}, []int{1, 19}
	return []endpoint{
		{post, "/cgi-bin/component/api_component_token", tokenNone, nil, componentToken},
		{post, "/cgi-bin/component/api_start_push_ticket", tokenNone, nil, startPushTicket},
		{post, "/cgi-bin/component/api_create_preauthcode", tokenComponent, nil, createPreAuthCode},
		{post, "/cgi-bin/component/api_query_auth", tokenComponent, nil, queryAuth},
		{post, "/cgi-bin/component/api_authorizer_token", tokenComponent, nil, authorizerToken},
		{post, "/cgi-bin/component/api_get_authorizer_info", tokenComponent, nil, authorizerInfo},
		{post, "/cgi-bin/component/api_get_authorizer_list", tokenComponent, nil, authorizerList},
		{post, "/cgi-bin/component/get_authorizer_option", tokenEither, nil, getOption},
		{post, "/cgi-bin/component/api_get_authorizer_option", tokenEither, nil, getOption},
		{post, "/cgi-bin/component/set_authorizer_option", tokenEither, nil, setOption},
		{post, "/cgi-bin/component/api_set_authorizer_option", tokenEither, nil, setOption},
		{post, "/cgi-bin/clear_quota", tokenEither, nil, clearQuota},
		{post, clearQuotaV2, tokenNone, nil, clearQuotaBySecret},
		{post, "/cgi-bin/openapi/quota/get", tokenEither, nil, getQuota},
		{post, "/cgi-bin/openapi/rid/get", tokenEither, nil, getRID},
		{get, "/cgi-bin/getcallbackip", tokenEither, nil, callbackIPs},

		{get, "/wxa/gettemplatedraftlist", tokenComponent, nil, draftList},
		{post, "/wxa/addtotemplate", tokenComponent, nil, templateAdd},
		{get, "/wxa/gettemplatelist", tokenComponent, nil, templateList},
		{post, "/wxa/deletetemplate", tokenComponent, nil, templateDelete},

		{post, "/wxa/commit", tokenAuthorizer, dev, commit},
		{get, "/wxa/get_page", tokenAuthorizer, dev, getPage},
		{get, "/wxa/get_category", tokenAuthorizer, dev, getCategory},
		{get, "/wxa/get_qrcode", tokenAuthorizer, dev, trialQRCode},
		{post, "/wxa/getwxacodeunlimit", tokenAuthorizer, code, unlimitedCode},
		{get, "/wxa/security/get_code_privacy_info", tokenAuthorizer, dev, codePrivacyInfo},
		{post, "/wxa/uploadmedia", tokenAuthorizer, dev, uploadMedia},
		{post, "/cgi-bin/media/upload", tokenAuthorizer, nil, uploadTemporary},
		{post, "/cgi-bin/material/get_material", tokenAuthorizer, nil, material},
		{post, "/wxa/submit_audit", tokenAuthorizer, dev, submitAudit},
		{post, "/wxa/get_auditstatus", tokenAuthorizer, dev, auditStatus},
		{get, "/wxa/get_latest_auditstatus", tokenAuthorizer, dev, latestAuditStatus},
		{get, "/wxa/undocodeaudit", tokenAuthorizer, dev, undoAudit},
		{post, "/wxa/speedupaudit", tokenAuthorizer, dev, speedUpAudit},
		{get, "/wxa/queryquota", tokenAuthorizer, dev, queryQuota},
		{post, "/wxa/release", tokenAuthorizer, dev, release},
		{get, "/wxa/revertcoderelease", tokenAuthorizer, dev, revertRelease},
		{post, "/wxa/grayrelease", tokenAuthorizer, dev, grayRelease},
		{get, "/wxa/getgrayreleaseplan", tokenAuthorizer, dev, grayReleasePlan},
		{get, "/wxa/revertgrayrelease", tokenAuthorizer, dev, revertGrayRelease},
		{post, "/wxa/change_visitstatus", tokenAuthorizer, dev, changeVisitStatus},
		{post, "/wxa/getvisitstatus", tokenAuthorizer, dev, getVisitStatus},
		{post, "/wxa/getversioninfo", tokenAuthorizer, dev, versionInfo},
		{post, "/cgi-bin/account/getaccountbasicinfo", tokenAuthorizer, []int{3, 30}, accountBasicInfo},
		{post, "/cgi-bin/message/custom/send", tokenAuthorizer, chat, customSend},
	}
}

// Handler serves the server API, the authorization pages, the control API and the control page.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		mux.HandleFunc(e.path, s.handler(e))
	}
	mux.HandleFunc("GET /cgi-bin/componentloginpage", s.serveAuthPage(false))
	mux.HandleFunc("GET /wxaopen/safe/bindcomponent", s.serveAuthPage(true))
	mux.HandleFunc("GET /safe/bindcomponent", s.serveAuthPage(true))
	mux.HandleFunc("POST /_auth", s.serveApproval)
	mux.HandleFunc("GET /_img/head/{file}", s.serveHead)
	mux.HandleFunc("GET /_img/qrcode/{file}", s.serveQRCode)
	mux.HandleFunc("GET /{$}", s.serveControlPage)
	s.control(mux)
	mux.HandleFunc("/cgi-bin/", s.unknown)
	mux.HandleFunc("/wxa/", s.unknown)
	return http.NewCrossOriginProtection().Handler(s.ownPagesOnly(mux))
}

// ownPagesOnly keeps the pages of other sites away from the control: those that were opened under a
// foreign name which resolves to this host, and those that a browser says are of another origin.
func (s *Sim) ownPagesOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_sim/") && !s.own(r) {
			http.Error(w, "only for the simulator's own page and for programs", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Sim) own(r *http.Request) bool {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	return httputils.HostIsOwn(r, s.hosts) &&
		(origin == "" || origin == "http://"+r.Host || origin == "https://"+r.Host) &&
		(site == "" || site == "same-origin" || site == "none")
}

// unknown counts a call of an API that the simulator does not have.
func (s *Sim) unknown(w http.ResponseWriter, r *http.Request) {
	s.calls.begin(r.URL.Path, r.URL.RawQuery, nil)()
	http.NotFound(w, r)
}
