package dao

import (
	"context"
	"slices"

	"wxcomponent/db/model"
)

const tagsAtOnce = 500 // values that one statement looks for

// AccountTagsSet makes the tags those of an account, which need not be known. The revision is raised.
func (s *Store) AccountTagsSet(ctx context.Context, appid string, tags []string) error {
	rows := make([][]any, len(tags))
	for i, tag := range tags {
		rows[i] = []any{appid, tag}
	}
	return fail("store the tags of "+appid, s.Tx(ctx, func(tx *Store) error {
		if _, err := tx.exec(ctx, "DELETE FROM account_tag WHERE appid = ?", appid); err != nil {
			return err
		}
		insert := rowInserter{head: "INSERT INTO account_tag (appid, tag) VALUES ", row: "(?,?)"}
		if err := insert.insert(ctx, tx, rows); err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	}))
}

// AccountTagsOf returns the tags of accounts, by appid, each account's in their order.
func (s *Store) AccountTagsOf(ctx context.Context, appids []string) (map[string][]string, error) {
	rows, err := s.accountTags(ctx, "appid", appids)
	return tagsByAccount(rows), fail("read the tags of accounts", err)
}

// AccountsTagged returns, by appid, which of the tags an account has. Accounts with none of them are
// left out.
func (s *Store) AccountsTagged(ctx context.Context, tags []string) (map[string][]string, error) {
	rows, err := s.accountTags(ctx, "tag", tags)
	return tagsByAccount(rows), fail("find the accounts with tags", err)
}

func (s *Store) accountTags(ctx context.Context, column string, values []string) ([]model.AccountTag, error) {
	var all []model.AccountTag
	for some := range slices.Chunk(values, tagsAtOnce) {
		var rows []model.AccountTag
		if err := s.read(ctx).Where(column+" IN ?", some).Order("appid, tag").Find(&rows).Error; err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func tagsByAccount(rows []model.AccountTag) map[string][]string {
	tags := make(map[string][]string)
	for _, row := range rows {
		tags[row.AppID] = append(tags[row.AppID], row.Tag)
	}
	return tags
}

// AccountTagCounts returns every tag that an account has, and how many of the accounts are
// authorized. WeChat's test accounts do not count.
func (s *Store) AccountTagCounts(ctx context.Context) ([]model.TagCount, error) {
	var rows []model.TagCount
	err := s.read(ctx).Raw("SELECT t.tag AS tag, COUNT(a.id) AS accounts FROM account_tag t LEFT JOIN authorizers a"+
		" ON a.appid = t.appid AND a.status = ? AND a.istest = 0 GROUP BY t.tag ORDER BY t.tag",
		model.Authorized).Scan(&rows).Error
	return rows, fail("count the accounts with tags", err)
}
