package dao

import (
	"context"
	"strings"
)

// statementBytes is how much data one INSERT of several rows carries, at the most; a single row
// may be larger. It stays below what small MySQL servers accept when all of it has to be escaped.
const statementBytes = 512 << 10

// rowInserter inserts many rows with few statements.
type rowInserter struct {
	head string // up to VALUES
	row  string // the placeholders of one row
}

func (ins rowInserter) insert(ctx context.Context, s *Store, rows [][]any) error {
	for len(rows) > 0 {
		n := fitting(rows)
		args := make([]any, 0, n*len(rows[0]))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		statement := ins.head + strings.TrimSuffix(strings.Repeat(ins.row+",", n), ",")
		if _, err := s.exec(ctx, statement, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// fitting returns how many of the rows one statement may carry, at least one.
func fitting(rows [][]any) int {
	size := 0
	for i, r := range rows {
		for _, v := range r {
			switch v := v.(type) {
			case string:
				size += len(v)
			case *string:
				if v != nil {
					size += len(*v)
				}
			}
		}
		if size > statementBytes && i > 0 {
			return i
		}
	}
	return len(rows)
}
