package model

// AuthLink is a link by which a merchant authorizes the platform. ExpireMS 0 means never.
type AuthLink struct {
	ID          string `gorm:"column:id;primaryKey"`
	Name        string `gorm:"column:name"`
	State       string `gorm:"column:state"` // the provider's own id of the merchant
	RedirectURL string `gorm:"column:redirecturl"`
	AuthType    int    `gorm:"column:authtype"`
	BizAppID    string `gorm:"column:bizappid"`
	CategoryIDs string `gorm:"column:categoryids"`
	CreateMS    int64  `gorm:"column:createms"`
	ExpireMS    int64  `gorm:"column:expirems"`
}

// TableName implements gorm's Tabler.
func (AuthLink) TableName() string { return "auth_link" }

// AuthVisit is one merchant's way to WeChat's authorization page and back.
type AuthVisit struct {
	ID          string `gorm:"column:id;primaryKey"`
	LinkID      string `gorm:"column:linkid"`
	PreAuthHash string `gorm:"column:preauthhash"` // of the pre-auth code that WeChat's page was opened with
	State       string `gorm:"column:state"`
	RedirectURL string `gorm:"column:redirecturl"`
	CreateMS    int64  `gorm:"column:createms"`
	ExpireMS    int64  `gorm:"column:expirems"`
}

// TableName implements gorm's Tabler.
func (AuthVisit) TableName() string { return "auth_visit" }
