package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

// prepared are the statements of a pool that the database reads once, by their text. They are kept
// until the pool is closed: what changes its text all the time does not belong here.
type prepared struct {
	pool *gorm.DB

	mu     sync.RWMutex
	byText map[string]*sql.Stmt
}

func (p *prepared) known(text string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.byText[text]
}

// get needs a connection of the pool when it meets a text for the first time.
func (p *prepared) get(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := p.known(text); stmt != nil {
		return stmt, nil
	}
	pool, err := p.pool.DB()
	if err != nil {
		return nil, fmt.Errorf("find the connection pool: %w", err)
	}
	stmt, err := pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.byText[text]; first != nil { // another has been faster
		_ = stmt.Close() //nolint:sqlclosecheck // the other one is kept
		return first, nil
	}
	if p.byText == nil {
		p.byText = make(map[string]*sql.Stmt)
	}
	p.byText[text] = stmt
	return stmt, nil
}

func (p *prepared) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stmt := range p.byText {
		err = errors.Join(err, stmt.Close())
	}
	p.byText = nil
	return err
}

// Prepare makes ExecIn run a statement that is long, and run often, without the database's reading it
// each time. It must not be called inside a transaction: that may hold the only connection.
func (d *DB) Prepare(ctx context.Context, statement string) error {
	_, err := d.writing.get(ctx, statement) //nolint:sqlclosecheck // it is kept
	return err
}

// ExecIn runs a statement in a transaction as it stands, past gorm, which would look at each value.
func (d *DB) ExecIn(ctx context.Context, tx *gorm.DB, statement string, args []any) error {
	conn, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("a statement that belongs into a transaction is outside of one")
	}
	stmt := d.writing.known(statement)
	if stmt == nil {
		_, err := conn.ExecContext(ctx, statement, args...)
		return err
	}
	here := conn.StmtContext(ctx, stmt)
	defer func() { _ = here.Close() }() // of the transaction alone
	_, err := here.ExecContext(ctx, args...)
	return err
}

// Query reads with a query that is asked so often that the database should read it only once.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := d.reading.get(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}
