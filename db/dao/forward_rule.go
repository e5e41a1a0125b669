package dao

import (
	"context"

	"wxcomponent/db/model"
)

// ForwardRuleList returns all rules in the order in which they are looked at.
func (s *Store) ForwardRuleList(ctx context.Context) ([]model.ForwardRule, error) {
	var rows []model.ForwardRule
	return rows, fail("list forwarding rules", s.read(ctx).Order("position, id").Find(&rows).Error)
}

// ForwardRuleGet returns a rule, or model.ErrNotFound.
func (s *Store) ForwardRuleGet(ctx context.Context, id int64) (model.ForwardRule, error) {
	var row model.ForwardRule
	return row, fail("find the forwarding rule", s.read(ctx).Where("id = ?", id).Take(&row).Error)
}

// ForwardRuleCreate stores a new rule behind the others and returns its id.
func (s *Store) ForwardRuleCreate(ctx context.Context, r model.ForwardRule) (id int64, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		row := r
		row.ID, row.CreateMS = 0, s.now().UnixMilli()
		row.UpdateMS = row.CreateMS
		err := tx.w.WithContext(ctx).Raw("SELECT COALESCE(MAX(position), 0) + 1 FROM forward_rule").Scan(&row.Position).Error
		if err != nil {
			return err
		}
		if err := tx.w.WithContext(ctx).Create(&row).Error; err != nil {
			return err
		}
		id = row.ID
		return tx.RevisionBump(ctx)
	})
	return id, fail("store the forwarding rule", err)
}

// ForwardRuleUpdate changes all of a rule but its place, or returns model.ErrNotFound.
func (s *Store) ForwardRuleUpdate(ctx context.Context, r model.ForwardRule) error {
	set := assignments{}
	set.put("name", r.Name)
	set.put("open", r.Open)
	set.put("mode", r.Mode)
	set.put("stop", r.Stop)
	set.put("conditions", r.Conditions)
	set.put("targets", r.Targets)
	return fail("change the forwarding rule", s.forwardUpdate(ctx, "forward_rule", r.ID, set))
}

// ForwardRuleDelete removes a rule, or returns model.ErrNotFound.
func (s *Store) ForwardRuleDelete(ctx context.Context, id int64) error {
	return fail("delete the forwarding rule", s.Tx(ctx, func(tx *Store) error {
		return tx.forwardDelete(ctx, "forward_rule", id)
	}))
}

// ForwardRuleOrder puts the rules with the ids first, in the order of the ids.
func (s *Store) ForwardRuleOrder(ctx context.Context, ids []int64) error {
	return fail("order the forwarding rules", s.Tx(ctx, func(tx *Store) error {
		if _, err := tx.exec(ctx, "UPDATE forward_rule SET position = position + ?", len(ids)); err != nil {
			return err
		}
		for i, id := range ids {
			if _, err := tx.exec(ctx, "UPDATE forward_rule SET position = ? WHERE id = ?", i+1, id); err != nil {
				return err
			}
		}
		return tx.RevisionBump(ctx)
	}))
}
