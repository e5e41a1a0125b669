package dao

import (
	"context"
	"strconv"

	"wxcomponent/db/model"
)

// Types that a list of rules can be limited to.
const (
	RulesAll       = 0
	RulesComponent = 1 // for authorization events: they name an InfoType
	RulesBiz       = 2 // for messages and events of accounts
)

func ruleAAD(id int) string { return "wxcallback_rules.secret:" + strconv.Itoa(id) }

// RuleCreate stores a new rule and returns its id. InfoType, MsgType and Event together that
// another rule has are model.ErrDuplicate. The revision is raised.
func (s *Store) RuleCreate(ctx context.Context, r model.Rule) (id int, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		row := r
		row.ID, row.Secret = 0, ""
		row.CreateTime = seconds(s.now())
		row.UpdateTime = row.CreateTime
		if err := tx.w.WithContext(ctx).Create(&row).Error; err != nil {
			return err
		}
		id = row.ID
		if err := tx.ruleSecret(ctx, id, r.Secret); err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	})
	return id, fail("store the rule", err)
}

// RuleUpdate replaces all of a rule but its id and time of creation; model.ErrNotFound when there is no
// such rule, model.ErrDuplicate as in RuleCreate. The revision is raised.
func (s *Store) RuleUpdate(ctx context.Context, r model.Rule) error {
	return fail("change the rule", s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "UPDATE wxcallback_rules SET name = ?, infotype = ?, msgtype = ?, event = ?, type = ?,"+
			" open = ?, info = ?, updatetime = ? WHERE id = ?", r.Name, r.InfoType, r.MsgType, r.Event, r.Type,
			r.Open, r.Info, seconds(s.now()), r.ID)
		if err == nil && n == 0 {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := tx.ruleSecret(ctx, r.ID, r.Secret); err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	}))
}

func (s *Store) ruleSecret(ctx context.Context, id int, secret string) error {
	sealed, err := s.seal(secret, ruleAAD(id))
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, "UPDATE wxcallback_rules SET secret = ? WHERE id = ?", sealed, id)
	return err
}

// RuleDelete removes a rule, or returns model.ErrNotFound. The revision is raised.
func (s *Store) RuleDelete(ctx context.Context, id int) error {
	return fail("delete the rule", s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "DELETE FROM wxcallback_rules WHERE id = ?", id)
		if err == nil && n == 0 {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	}))
}

// RuleGet returns a rule, or model.ErrNotFound.
func (s *Store) RuleGet(ctx context.Context, id int) (model.Rule, error) {
	var r model.Rule
	err := s.read(ctx).Where("id = ?", id).Take(&r).Error
	if err == nil {
		r.Secret, err = s.open(r.Secret, ruleAAD(id))
	}
	return r, fail("find the rule", err)
}

// RuleList returns rules of a type in the order of their making, and how many there are.
func (s *Store) RuleList(ctx context.Context, ruleType, offset, limit int) (rules []model.Rule, total int64, err error) {
	q := s.read(ctx).Model(&model.Rule{})
	switch ruleType {
	case RulesComponent:
		q = q.Where("infotype <> ''")
	case RulesBiz:
		q = q.Where("infotype = ''")
	}
	if err := q.Count(&total).Error; err != nil {
		return nil, 0, fail("count the rules", err)
	}
	if err := q.Order("id").Offset(offset).Limit(limit).Find(&rules).Error; err != nil {
		return nil, 0, fail("list the rules", err)
	}
	return rules, total, fail("open the rules' secrets", s.openRules(rules))
}

// RuleOpenList returns all rules that are switched on.
func (s *Store) RuleOpenList(ctx context.Context) ([]model.Rule, error) {
	var rules []model.Rule
	if err := s.read(ctx).Where("open <> 0").Order("id").Find(&rules).Error; err != nil {
		return nil, fail("list the open rules", err)
	}
	return rules, fail("open the rules' secrets", s.openRules(rules))
}

func (s *Store) openRules(rules []model.Rule) (err error) {
	for i := range rules {
		if rules[i].Secret, err = s.open(rules[i].Secret, ruleAAD(rules[i].ID)); err != nil {
			return err
		}
	}
	return nil
}
