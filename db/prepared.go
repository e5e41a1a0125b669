package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

// preparedStatements are those that a server has been told once, by their text.
type preparedStatements struct {
	mu     sync.Mutex
	byText map[string]*sql.Stmt
}

// ExecIn runs a statement in a transaction as it stands, past gorm. If prepare is set, a server that
// is told statements over a network is told the text once for each of its connections; that is for
// statements that are long, few, and run often. SQLite reads so fast that it would not pay.
func (d *DB) ExecIn(ctx context.Context, tx *gorm.DB, statement string, args []any, prepare bool) error {
	conn, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("a statement that belongs into a transaction is outside of one")
	}
	if !prepare || d.Dialect == SQLite {
		_, err := conn.ExecContext(ctx, statement, args...)
		return err
	}
	stmt, err := d.prepare(ctx, statement)
	if err != nil {
		return err
	}
	here := conn.StmtContext(ctx, stmt)
	defer func() { _ = here.Close() }() // of the transaction alone
	_, err = here.ExecContext(ctx, args...)
	return err
}

func (d *DB) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	p := &d.prepared
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.byText[text]; known != nil {
		return known, nil
	}
	pool, err := d.Write.DB()
	if err != nil {
		return nil, fmt.Errorf("find the connection pool: %w", err)
	}
	stmt, err := pool.PrepareContext(ctx, text) //nolint:sqlclosecheck // it is kept until the database is closed
	if err != nil {
		return nil, err
	}
	if p.byText == nil {
		p.byText = make(map[string]*sql.Stmt)
	}
	p.byText[text] = stmt
	return stmt, nil
}

func (p *preparedStatements) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stmt := range p.byText {
		err = errors.Join(err, stmt.Close())
	}
	p.byText = nil
	return err
}
