package db

// Dialect is the database's own way of speaking SQL, where it matters.
type Dialect string

// The dialects. MySQL also stands for MariaDB, TiDB and other servers of its protocol.
const (
	MySQL  Dialect = "mysql"
	SQLite Dialect = "sqlite"
)

// NowMS is an expression for the database's clock in Unix milliseconds, the same throughout one
// statement.
func (d Dialect) NowMS() string {
	if d == SQLite {
		return "CAST(ROUND(unixepoch('now', 'subsec') * 1000) AS INTEGER)"
	}
	return "CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)"
}

// ForUpdate ends a SELECT whose rows the transaction is going to change. SQLite's transactions
// exclude each other anyway.
func (d Dialect) ForUpdate() string {
	if d == SQLite {
		return ""
	}
	return " FOR UPDATE"
}
