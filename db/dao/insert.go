package dao

import (
	"context"
	"strings"
)

// statementBytes is how much data one INSERT of several rows carries, at the most; a single row
// may be larger. It stays below what small MySQL servers accept when all of it has to be escaped.
const statementBytes = 512 << 10

// preparedRows is how many rows the statements have that a server reads once and runs often. What is
// left of a batch is less, and goes by statements of its own.
const preparedRows = 32

// rowInserter inserts many rows with few statements.
type rowInserter struct {
	head string // up to VALUES
	row  string // the placeholders of one row
}

func (ins rowInserter) insert(ctx context.Context, s *Store, rows [][]any) error {
	for len(rows) > 0 {
		n := fitting(rows)
		prepare := s.inTx && n >= preparedRows
		if prepare {
			n = preparedRows
		}
		args := make([]any, 0, n*len(rows[0]))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if err := s.bulk(ctx, ins.statement(n), args, prepare); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (ins rowInserter) statement(rows int) string {
	return ins.head + strings.TrimSuffix(strings.Repeat(ins.row+",", rows), ",")
}

// bulk runs a statement of very many values. In a transaction it goes past gorm, which would look at
// each of them, and can be prepared.
func (s *Store) bulk(ctx context.Context, statement string, args []any, prepare bool) error {
	if s.inTx {
		return s.db.ExecIn(ctx, s.w, statement, args, prepare)
	}
	_, err := s.exec(ctx, statement, args...)
	return err
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
