package model

// SavedView is a view of a page of the dashboard that a user keeps under a name.
type SavedView struct {
	ID       int64  `gorm:"column:id;primaryKey"`
	UserID   int    `gorm:"column:userid"`
	Page     string `gorm:"column:page"`
	Name     string `gorm:"column:name"`
	Query    string `gorm:"column:query"` // of the page's address
	CreateMS int64  `gorm:"column:createms"`
	UpdateMS int64  `gorm:"column:updatems"`
}

// TableName implements gorm's Tabler.
func (SavedView) TableName() string { return "saved_view" }
