package model

// WeappPermission is the permission set that makes a mini program one that the platform develops.
const WeappPermission = 18

// NoAudit is the audit status of a mini program of which no audit is known.
const NoAudit = -1

// States of WeChat's check of the privacy interfaces that committed code uses.
const (
	PrivacyUnknown  = 0
	PrivacyChecking = 1
	PrivacyClean    = 2
	PrivacyFindings = 3 // interfaces are used that are not granted, or not in the privacy statement
)

// visitOpen is WeChat's visit status of a mini program that users can open.
const visitOpen = 1

// NewWeapp is the state of a mini program that WeChat has not been asked about yet.
func NewWeapp(appid string) Weapp {
	return Weapp{AppID: appid, VisitStatus: visitOpen, AuditStatus: NoAudit}
}

// ForgetAudit is for a mini program of which nothing was ever submitted.
func (w *Weapp) ForgetAudit() {
	none := NewWeapp(w.AppID)
	w.AuditID, w.AuditStatus, w.AuditReason, w.AuditScreenshot = 0, none.AuditStatus, "", ""
	w.AuditVersion, w.AuditDesc, w.SubmitMS, w.AuditMS, w.AuditSeenMS, w.AuditEventMS = "", "", 0, 0, 0, 0
}

// HasRelease tells whether a version is live.
func (w *Weapp) HasRelease() bool { return w.ReleaseMS > 0 || w.ReleaseVersion != "" }

// HasTrial tells whether there is committed code.
func (w *Weapp) HasTrial() bool { return w.ExpMS > 0 || w.ExpVersion != "" }

// WeappFilter chooses mini programs that the platform develops. Zero values do not limit.
type WeappFilter struct {
	AppID       string // exactly
	Search      string // part of appid, nickname or principal
	AuditStatus *int   // WeChat's number, or NoAudit
	Cursor      string // instead of Offset
	Offset      int
	Limit       int
}

// WeappRecord is a mini program that the platform develops. Account lacks its refresh token.
type WeappRecord struct {
	Account Authorizer
	State   Weapp
}

// WeappCounts are numbers of mini programs that the platform develops.
type WeappCounts struct {
	Total     int64
	Released  int64         // a version is live
	Suspended int64         // closed to its users
	ByAudit   map[int]int64 // by the status of the last audit; NoAudit for none
}
