package dao

import (
	"context"

	"wxcomponent/db/model"
)

// ViewList returns the views that a user keeps of a page, oldest first.
func (s *Store) ViewList(ctx context.Context, userID int, page string) ([]model.SavedView, error) {
	views := []model.SavedView{}
	err := s.read(ctx).Where("userid = ? AND page = ?", userID, ascii(page)).Order("id").Find(&views).Error
	return views, fail("list the saved views", err)
}

// ViewCreate keeps a view and returns its id; a name that the user has for another view of the page
// is model.ErrDuplicate.
func (s *Store) ViewCreate(ctx context.Context, v model.SavedView) (int64, error) {
	v.CreateMS = s.now().UnixMilli()
	v.UpdateMS = v.CreateMS
	err := s.write(ctx).Create(&v).Error
	return v.ID, fail("save the view", err)
}

// ViewUpdate changes name and query of a view of the user's; model.ErrNotFound when it is none of theirs,
// model.ErrDuplicate when the name is taken.
func (s *Store) ViewUpdate(ctx context.Context, v model.SavedView) error {
	n, err := s.exec(ctx, "UPDATE saved_view SET name = ?, query = ?, updatems = ? WHERE id = ? AND userid = ?",
		v.Name, v.Query, s.now().UnixMilli(), v.ID, v.UserID)
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	return fail("change the view", err)
}

// ViewDelete removes a view of the user's, or returns model.ErrNotFound.
func (s *Store) ViewDelete(ctx context.Context, userID int, id int64) error {
	n, err := s.exec(ctx, "DELETE FROM saved_view WHERE id = ? AND userid = ?", id, userID)
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	return fail("remove the view", err)
}
