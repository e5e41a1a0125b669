package dao

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"wxcomponent/db/model"
)

// MaxTotal is the most that a list counts.
const MaxTotal = 10_000

// position is where a page ends: the row's value of the column that the list is ordered by, and
// its id.
type position struct{ at, id int64 }

const cursorForm = "1"

func (p position) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s.%d.%d", cursorForm, p.at, p.id))
}

// parseCursor returns nil for the first page.
func parseCursor(s string) (*position, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no cursor is not an error
	}
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, model.ErrBadCursor
	}
	parts := strings.Split(string(text), ".")
	if len(parts) != 3 || parts[0] != cursorForm {
		return nil, model.ErrBadCursor
	}
	at, err1 := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err1 != nil || err2 != nil {
		return nil, model.ErrBadCursor
	}
	return &position{at, id}, nil
}

// capTotal fills in a count that was stopped at MaxTotal + 1.
func capTotal[T any](p *model.Page[T], n int64) {
	p.TotalCapped = n > MaxTotal
	p.Total = min(n, MaxTotal)
}

// trim makes a page of rows that were read one beyond the limit.
func trim[T any](p *model.Page[T], rows []T, limit int, at func(T) position) {
	if len(rows) > limit {
		rows = rows[:limit]
		p.NextCursor = at(rows[limit-1]).cursor()
	}
	p.Rows = append([]T{}, rows...) // never nil
}
