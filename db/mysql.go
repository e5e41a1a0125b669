package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"wxcomponent/comm/config"
)

const (
	mysqlWriters  = 16
	mysqlReaders  = 32
	readLimit     = 5 * time.Second  // after which the server itself gives up a read
	socketTimeout = 12 * time.Second // for an answer of the server, to a commit above all
	// mysqlIdle is short: what a burst or a standstill opened, up to all of both pools on every
	// instance, is given back to a server that may admit few.
	mysqlIdle = 12 * time.Second
)

// Errors of a MySQL server that waiting does not cure.
const (
	errDatabaseDenied  = 1044
	errAccessDenied    = 1045
	errUnknownDatabase = 1049
	errNeedsPrivilege  = 1227
	errUnknownVariable = 1193
)

func openMySQL(ctx context.Context, o Options) (*DB, error) {
	conf, err := mysqlConfig(o.MySQL, max(socketTimeout, o.Patience))
	if err != nil {
		return nil, err
	}
	version, err := awaitMySQL(ctx, conf, o)
	if err != nil {
		return nil, err
	}
	d := &DB{Dialect: MySQL, Version: version}
	d.reopen = func() (*gorm.DB, error) {
		c := conf.Clone()
		c.ReadTimeout = 0
		return mysqlPool(c, 1)
	}
	if d.Write, err = mysqlPool(conf, mysqlWriters); err != nil {
		return nil, fmt.Errorf("open %s: %w", conf.Addr, err)
	}
	if d.Read, err = mysqlPool(limitReads(conf, version), mysqlReaders); isMySQL(err, errUnknownVariable) {
		d.Read, err = mysqlPool(conf, mysqlReaders) // an engine without such a limit
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", conf.Addr, err), d.Close())
	}
	return d, nil
}

// mysqlConfig makes every session independent of the server's defaults: UTC, strict, utf8mb4.
func mysqlConfig(c config.MySQL, answer time.Duration) (*driver.Config, error) {
	conf, err := driver.ParseDSN("tcp(" + c.Address + ")/?" + c.Params)
	if err != nil {
		return nil, fmt.Errorf("MYSQL_ADDRESS or MYSQL_PARAMS: %w", err)
	}
	conf.User, conf.Passwd, conf.DBName = c.Username, c.Password.Reveal(), c.Database
	conf.ParseTime = true
	conf.Loc = time.UTC
	conf.InterpolateParams = true
	conf.ClientFoundRows = true
	conf.MultiStatements = false
	conf.Logger = &driver.NopLogger{}
	if conf.Timeout == 0 {
		conf.Timeout = 5 * time.Second
	}
	if conf.ReadTimeout == 0 {
		conf.ReadTimeout = answer
	}
	if conf.WriteTimeout == 0 {
		conf.WriteTimeout = answer
	}
	if err := conf.Apply(driver.Charset("utf8mb4", "")); err != nil {
		return nil, fmt.Errorf("MYSQL_PARAMS: %w", err)
	}
	params := map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode": "'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE," +
			"ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	}
	maps.Copy(params, conf.Params)
	params["time_zone"] = "'+00:00'"
	conf.Params = params
	return conf, nil
}

// limitReads makes the server end reads that take too long: one that the client has given up
// would go on and starve the storing of pushes.
func limitReads(conf *driver.Config, version string) *driver.Config {
	c := conf.Clone()
	if strings.Contains(version, "MariaDB") {
		c.Params["max_statement_time"] = fmt.Sprintf("%d", int(readLimit.Seconds()))
	} else {
		c.Params["max_execution_time"] = fmt.Sprintf("%d", readLimit.Milliseconds())
	}
	return c
}

func mysqlPool(conf *driver.Config, conns int) (*gorm.DB, error) {
	connector, err := driver.NewConnector(conf)
	if err != nil {
		return nil, fmt.Errorf("MySQL settings: %w", err)
	}
	return openPool(gormmysql.New(gormmysql.Config{
		Conn: sql.OpenDB(connector), DSNConfig: conf,
		DisableWithReturning: true, // only MariaDB has it
	}), conns, mysqlIdle)
}

// awaitMySQL returns the server's version once it can be used. It makes the database if it is
// missing.
func awaitMySQL(ctx context.Context, conf *driver.Config, o Options) (version string, err error) {
	err = await(ctx, o, passing, func() (err error) {
		version, err = probeMySQL(ctx, conf)
		return err
	})
	switch {
	case err == nil:
		return version, nil
	case passing(err):
		return "", fmt.Errorf("MySQL at %s cannot be reached: %w", conf.Addr, err)
	}
	return "", fmt.Errorf("MySQL at %s: %w", conf.Addr, err)
}

func passing(err error) bool {
	return !isMySQL(err, errAccessDenied, errDatabaseDenied, errNeedsPrivilege, errUnknownDatabase)
}

func probeMySQL(ctx context.Context, conf *driver.Config) (version string, err error) {
	version, err = mysqlVersion(ctx, conf)
	if !isMySQL(err, errUnknownDatabase) {
		return version, err
	}
	bare := conf.Clone()
	bare.DBName = ""
	if err := createDatabase(ctx, bare, conf.DBName); err != nil {
		return "", fmt.Errorf("the database %s does not exist and cannot be made: %w", conf.DBName, err)
	}
	return mysqlVersion(ctx, conf)
}

func mysqlVersion(ctx context.Context, conf *driver.Config) (version string, err error) {
	connector, err := driver.NewConnector(conf)
	if err != nil {
		return "", fmt.Errorf("MySQL settings: %w", err)
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	err = pool.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version)
	return version, err
}

func createDatabase(ctx context.Context, conf *driver.Config, name string) (err error) {
	connector, err := driver.NewConnector(conf)
	if err != nil {
		return fmt.Errorf("MySQL settings: %w", err)
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+quote(name)+" DEFAULT CHARACTER SET utf8mb4")
	return err
}

// quote quotes a name for use in a statement.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// isMySQL tells whether err is one of the server's errors with these numbers.
func isMySQL(err error, numbers ...uint16) bool {
	e, ok := errors.AsType[*driver.MySQLError](err)
	if !ok {
		return false
	}
	for _, n := range numbers {
		if e.Number == n {
			return true
		}
	}
	return false
}
