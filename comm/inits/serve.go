package inits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"wxcomponent/comm/config"
	"wxcomponent/comm/log"
	"wxcomponent/db"
	"wxcomponent/routers"
)

// stopTime is how long a stop may take: pushes under way are answered, work is given back.
const stopTime = 10 * time.Second

// databaseWait is how long a start waits for a database server that is away. One that was paused
// needs up to half a minute to come back.
const databaseWait = time.Minute

func (p Program) serve(cmd *cobra.Command, _ []string) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	l, err := log.New(cfg.LogLevel, p.Stdout)
	if err != nil {
		return err
	}
	return p.serveConfig(cmd.Context(), cfg, l, func(public, inner string, _ *app) {
		l.Info("ready", zap.String("public", public), zap.String("inner", inner), zap.String("version", p.Build.Version))
	})
}

// serveConfig runs the service until ctx ends. The listeners are open from the start, so that a
// platform which looks at the port sees a living instance while the database is waited for.
func (p Program) serveConfig(ctx context.Context, cfg config.Config, l *zap.Logger, ready func(public, inner string, a *app)) error {
	phase := &phase{text: "starting"}
	public, err := p.listen(ctx, "public", "PORT", cfg.PublicAddress, starting(phase.get), l)
	if err != nil {
		return err
	}
	inner, err := p.listen(ctx, "inner", "INNER_ADDRESS", cfg.InnerAddress, starting(phase.get), l)
	if err != nil {
		return errors.Join(err, public.stop(ctx))
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(public.serve)
	g.Go(inner.serve)
	g.Go(func() error {
		err := p.serveParts(ctx, cfg, l, phase, public, inner, ready)
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Times.limit(stopTime))
		defer cancel()
		return errors.Join(err, public.stop(stopCtx), inner.stop(stopCtx))
	})
	return g.Wait()
}

// serveParts builds everything behind the listeners, puts it in place, and takes it apart when ctx
// ends: first the listeners let requests under way finish, then the workers stop, then the database
// is closed.
func (p Program) serveParts(ctx context.Context, cfg config.Config, l *zap.Logger, phase *phase, public, inner *server, ready func(public, inner string, a *app)) error {
	if cfg.MySQL.Address == "" {
		lock, err := lockFolder(cfg.DataDir)
		if err != nil {
			return err
		}
		defer func() { _ = lock.Close() }()
	}
	d, err := p.openDatabase(ctx, cfg, l, phase)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { _ = d.Close() }()
	cfg.PublicAddress, cfg.InnerAddress = public.addr(), inner.addr() // the real ones, where a port was 0
	app, err := build(ctx, cfg, p, d, l, p.Stdout)
	if err != nil {
		return stopped(ctx, err)
	}
	stopWorkers := app.start(ctx)
	public.use(routers.Public(app.routes))
	inner.use(routers.Inner(app.routes))
	ready(public.addr(), inner.addr(), app)

	<-ctx.Done()
	close(app.stopping)
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Times.limit(stopTime))
	defer cancel()
	err = errors.Join(public.stop(stopCtx), inner.stop(stopCtx))
	stopWorkers(stopCtx)
	return err
}

// stopped keeps a stop that was asked for from looking like a failure.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// openDatabase waits for the database and brings its tables up to date.
func (p Program) openDatabase(ctx context.Context, cfg config.Config, l *zap.Logger, phase *phase) (*db.DB, error) {
	opts := databaseOptions(cfg)
	opts.Patience = p.Times.Patience
	opts.Waiting = func(err error, pause time.Duration) {
		l.Warn("waiting for the database", zap.Error(err), zap.Duration("again_in", pause))
		phase.set("waiting for the database")
	}
	opts.Changed = func(path string, err error) {
		if err != nil {
			l.Warn("other users of this host have access to the data", zap.String("path", path), zap.Error(err))
			return
		}
		l.Info("other users of this host no longer have access to the data", zap.String("path", path))
	}
	waitCtx, cancel := context.WithTimeout(ctx, p.Times.limit(databaseWait))
	defer cancel()
	d, err := db.Open(waitCtx, opts)
	if err != nil {
		return nil, fmt.Errorf("open the database, set by %s: %w", databaseSetting(cfg), err)
	}
	phase.set("looking for damage in the database")
	if err := db.Sound(ctx, d); err != nil {
		return nil, errors.Join(fmt.Errorf("look for damage in the database, set by %s: %w", databaseSetting(cfg), err), d.Close())
	}
	phase.set("bringing the tables up to date")
	if err := db.Migrate(ctx, d); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the tables up to date: %w", err), d.Close())
	}
	return d, nil
}

func databaseSetting(cfg config.Config) string {
	if cfg.MySQL.Address != "" {
		return "MYSQL_ADDRESS"
	}
	return "DATA_DIR"
}

// phase is what the start is busy with, told to those who ask whether the service is ready.
type phase struct {
	mu   sync.Mutex
	text string
}

func (p *phase) get() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text
}

func (p *phase) set(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
}

func (p Program) resetPasswordCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "reset-password", Short: "Give a user a new random password and print it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.resetPassword(cmd, name) },
	}
	cmd.Flags().StringVar(&name, "username", "admin", "the user's name")
	return cmd
}

func (p Program) resetPassword(cmd *cobra.Command, name string) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	ctx, l := cmd.Context(), zap.NewNop()
	d, err := p.openDatabase(ctx, cfg, l, &phase{})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	app, err := build(ctx, cfg, p, d, l, io.Discard)
	if err != nil {
		return err
	}
	password, err := app.logins.Reset(ctx, name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "user %s, new password %s\n", name, password.Reveal())
	return err
}
