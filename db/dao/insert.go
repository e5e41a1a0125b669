package dao

import (
	"context"
	"strings"
)

// statementBytes is how much data one INSERT of several rows carries, at the most; a single row
// may be larger. It stays below what small MySQL servers accept when all of it has to be escaped.
const statementBytes = 512 << 10

// preparedRows is how many rows the statements for many rows have. They are few that way, and the
// database can be made to read each of them only once.
const preparedRows = 32

// rowInserter inserts many rows with few statements.
type rowInserter struct {
	head string // up to VALUES
	row  string // the placeholders of one row
	most int    // rows of one statement; 0 means preparedRows
}

func (ins rowInserter) mostRows() int {
	if ins.most > 0 {
		return ins.most
	}
	return preparedRows
}

func (ins rowInserter) insert(ctx context.Context, s *Store, rows [][]any) error {
	for len(rows) > 0 {
		n := fitting(rows)
		n = min(n, ins.mostRows())
		args := make([]any, 0, n*len(rows[0]))
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if err := s.bulk(ctx, ins.statement(n), args); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (ins rowInserter) statement(rows int) string {
	return ins.head + strings.TrimSuffix(strings.Repeat(ins.row+",", rows), ",")
}

// prepare has the statements for many rows read by the database before a transaction runs them.
func (s *Store) prepare(ctx context.Context, rows int, inserters ...rowInserter) error {
	if s.inTx {
		return nil
	}
	for _, ins := range inserters {
		if rows < ins.mostRows() {
			continue
		}
		if err := s.db.Prepare(ctx, ins.statement(ins.mostRows())); err != nil {
			return err
		}
	}
	return nil
}

// bulk runs a statement of very many values.
func (s *Store) bulk(ctx context.Context, statement string, args []any) error {
	if s.inTx {
		return s.db.ExecIn(s.bound(ctx, s.waits.write), s.w, statement, args)
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
