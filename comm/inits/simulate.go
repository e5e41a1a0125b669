package inits

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wxsim"
)

// The platform that the simulator plays when the settings name none. These are no secrets: nothing
// but a simulator accepts them.
const (
	simAppID  = "wx5150d0000000demo"
	simSecret = "simulatedappsecret0123456789abcd"
	simToken  = "simulatedtoken"
	simAESKey = "c2ltdWxhdGVka2V5c2ltdWxhdGVka2V5c2ltdWxhdGU"
)

func (p Program) simulateCommand() *cobra.Command {
	var listen, target string
	var plain bool
	var accounts int
	var rate float64
	cmd := &cobra.Command{
		Use: "simulate", Short: "Run a simulated WeChat open platform", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			l, err := log.New(cfg.LogLevel, p.Stderr)
			if err != nil {
				return err
			}
			sim, err := newSim(cfg, plain, accounts, target, l)
			if err != nil {
				return err
			}
			return p.simulate(cmd.Context(), sim, listen, rate, func(addr net.Addr) {
				_, _ = fmt.Fprintf(p.Stdout, "simulated WeChat open platform: http://%s (WX_API_BASE, WX_PC_AUTH_BASE, WX_H5_AUTH_BASE), pushing to %s\n", addr, target)
			})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8090", "address to serve on")
	cmd.Flags().StringVar(&target, "target", "http://127.0.0.1:8080", "address of the service that pushes go to")
	cmd.Flags().BoolVar(&plain, "plain", false, "push unencrypted JSON, as cloud hosting does")
	cmd.Flags().IntVar(&accounts, "accounts", simAccounts, "accounts that merchants have")
	cmd.Flags().Float64Var(&rate, "rate", 0, "messages a second")
	return cmd
}

const (
	simAccounts   = 24
	simAuthorized = 18
	demoRate      = 0.5 // messages a second: enough to see, slow enough to read
)

// newSim makes a simulator of the platform that the settings name.
func newSim(cfg config.Config, plain bool, accounts int, target string, l *zap.Logger) (*wxsim.Sim, error) {
	wx := cfg.WX
	or := func(s log.Secret, fallback string) string {
		if s == "" {
			return fallback
		}
		return s.Reveal()
	}
	sim, err := wxsim.New(wxsim.Config{
		AppID: or(log.Secret(wx.AppID), simAppID), Secret: or(wx.Secret, simSecret),
		Token: or(wx.Token, simToken), AESKey: or(wx.AESKey, simAESKey), Plain: plain, Hosts: cfg.InnerHosts,
		Accounts: accounts, Authorized: min(simAuthorized, accounts), Seed: 1,
		Settings: wxsim.Settings{Target: target}, Logger: l.Named("simulator"),
	})
	if err != nil {
		return nil, fmt.Errorf("make the simulator: %w", err)
	}
	return sim, nil
}

// simulate serves the simulator and lets it push until ctx ends.
func (p Program) simulate(ctx context.Context, sim *wxsim.Sim, listen string, rate float64, ready func(net.Addr)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return sim.ListenAndServe(ctx, listen, func(addr net.Addr) {
			ready(addr)
			if rate > 0 {
				if err := sim.StartTraffic(wxsim.Traffic{Rate: rate}); err != nil {
					_, _ = fmt.Fprintln(p.Stderr, "wxcomponent: no traffic:", err)
				}
			}
		})
	})
	g.Go(func() error {
		sim.Run(ctx)
		return nil
	})
	return g.Wait()
}

func (p Program) demoCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use: "demo", Short: "Run the service together with a simulated WeChat, with sample accounts and traffic", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd, listen) },
	}
	cmd.Flags().StringVar(&listen, "simulator", "127.0.0.1:8090", "address of the simulated WeChat")
	return cmd
}

// demo runs both halves on a database that is thrown away at the end.
func (p Program) demo(cmd *cobra.Command, simListen string) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "wxcomponent-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo's database: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	password := auth.RandomPassword()
	demoConfig(&cfg, dir, password)
	l, err := log.New(cfg.LogLevel, p.Stderr)
	if err != nil {
		return err
	}
	sim, err := newSim(cfg, false, simAccounts, "", l)
	if err != nil {
		return err
	}
	return p.runBoth(cmd.Context(), cfg, sim, simListen, password, l)
}

// demoConfig points the service at the simulator and away from anything real.
func demoConfig(cfg *config.Config, dir, password string) {
	cfg.MySQL = config.MySQL{}
	cfg.DataDir = dir
	cfg.PublicAddress = onThisHost(cfg.PublicAddress)
	cfg.CloudEnvID, cfg.OnCloud = "", false
	cfg.Admin = config.Admin{Username: "admin", Password: log.Secret(password)}
	cfg.WX = config.WX{AppID: simAppID, Secret: simSecret, Token: simToken, AESKey: simAESKey}
	cfg.LogLevel = "warn"
}

// onThisHost makes an address that names a port alone one of the loopback interface: a demo is not for
// the network unless it is told so.
func onThisHost(address string) string {
	if strings.HasPrefix(address, ":") {
		return "127.0.0.1" + address
	}
	return address
}

func (p Program) runBoth(ctx context.Context, cfg config.Config, sim *wxsim.Sim, simListen, password string, l *zap.Logger) error {
	g, ctx := errgroup.WithContext(ctx)
	simReady := make(chan net.Addr, 1)
	g.Go(func() error {
		return p.simulate(ctx, sim, simListen, demoRate, func(addr net.Addr) { simReady <- addr })
	})
	g.Go(func() error {
		var base string
		select {
		case addr := <-simReady:
			base = "http://" + addr.String()
		case <-ctx.Done():
			return ctx.Err()
		}
		cfg.WX.APIBase, cfg.WX.PCAuthBase, cfg.WX.H5AuthBase = base, base, base
		return p.serveConfig(ctx, cfg, l, func(public, _ string, a *app) {
			sim.SetTarget("http://" + localAddress(public))
			if _, err := a.accounts.StartSync(ctx); err != nil {
				l.Warn("the sample accounts could not be asked for", zap.Error(err))
			}
			_, _ = fmt.Fprintf(p.Stdout, demoBanner, localAddress(public), password, base)
		})
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

const demoBanner = `
  wxcomponent demo
  ----------------------------------------------------------------
  dashboard   http://%s
  user        admin
  password    %s
  simulator   %s   (approve authorizations, decide audits)
  ----------------------------------------------------------------
  Ctrl-C ends it; nothing is kept.

`
