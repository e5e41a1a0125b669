package pushlog

import (
	"context"
	"fmt"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Release has what a held message brings done now, for the account of its address.
func (s *Service) Release(ctx context.Context, id int64) error {
	rows, err := s.store.PushRows(ctx, []model.PushKey{{ID: id, Channel: model.ChannelBiz}}, 0)
	if err != nil {
		return fmt.Errorf("read the push: %w", err)
	}
	if len(rows) == 0 {
		return errno.Param("id", "there is no message with this id")
	}
	work := s.follow.Plan(parsed(rows[0]))
	released, err := s.store.PushRelease(ctx, id, work)
	switch {
	case err != nil:
		return fmt.Errorf("release the push: %w", err)
	case !released:
		return errno.New(errno.BadState, "the push is not held")
	}
	kinds := make([]string, len(work))
	for i := range work {
		kinds[i] = work[i].Kind
	}
	s.follow.Nudge(kinds)
	return nil
}
