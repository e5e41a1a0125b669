package authorizer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wxcomponent/comm/errno"
)

// Bounds of the tags of an account.
const (
	MaxTags   = 20
	MaxTagLen = 32 // characters
)

// SetTags gives an account these tags instead of those that it has, and returns them as they are
// stored: without spaces around them, each once, in order. errno.BadParam names what will not do.
func (s *Service) SetTags(ctx context.Context, appid string, tags []string) ([]string, error) {
	tags, err := cleanTags(tags)
	if err != nil {
		return nil, err
	}
	_, found, err := s.find(ctx, s.deps.Rows, appid)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errno.Param("appid", "this account is not known")
	}
	if err := s.deps.Rows.AccountTagsSet(ctx, appid, tags); err != nil {
		return nil, fmt.Errorf("store the tags: %w", err)
	}
	if err := s.deps.Tagged(ctx); err != nil {
		return nil, fmt.Errorf("the tags are stored and will be in force soon: %w", err)
	}
	return tags, nil
}

func cleanTags(tags []string) ([]string, error) {
	clean := make([]string, len(tags))
	for i, tag := range tags {
		clean[i] = strings.TrimSpace(tag)
		if n := utf8.RuneCountInString(clean[i]); n == 0 || n > MaxTagLen || !isPrintable(clean[i]) {
			return nil, errno.Param("tags", fmt.Sprintf("a tag has 1 to %d printable characters and no comma", MaxTagLen))
		}
	}
	slices.Sort(clean)
	clean = slices.Compact(clean)
	if len(clean) > MaxTags {
		return nil, errno.Param("tags", fmt.Sprintf("must be at most %d", MaxTags))
	}
	return clean, nil
}

// isPrintable tells whether a tag can be shown and listed with others, separated by commas.
func isPrintable(tag string) bool {
	return utf8.ValidString(tag) && !strings.ContainsFunc(tag, func(r rune) bool {
		return r == ',' || r == '，' || !unicode.IsPrint(r)
	})
}
