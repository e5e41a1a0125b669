// Package inits is the composition root: it knows every part, builds them in order, and runs them.
package inits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wxcomponent/comm/config"
)

// Build says what was built; the linker sets it.
type Build struct {
	Version, Commit, Time string
}

// Program is the command line.
type Program struct {
	Build          Build
	Getenv         func(string) string
	Stdout, Stderr io.Writer
	PasswordCost   int // bcrypt's work factor; 0 is auth.Cost, tests take less
	// CloudBaseTokenFile is where cloud hosting keeps its access token; "" is its usual place.
	CloudBaseTokenFile string
	Times              Times // zero but in tests
}

// Run executes the command that args name; without one it serves.
func (p Program) Run(ctx context.Context, args []string) error {
	root := &cobra.Command{
		Use:           "wxcomponent",
		Short:         "Manager of a WeChat third-party platform",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          p.serve,
	}
	config.AddFlags(root.PersistentFlags())
	root.AddCommand(
		&cobra.Command{Use: "serve", Short: "Run the service", Args: cobra.NoArgs, RunE: p.serve},
		p.simulateCommand(),      //nolint:contextcheck // cobra hands the context to the command
		p.demoCommand(),          //nolint:contextcheck // likewise
		p.resetPasswordCommand(), //nolint:contextcheck // likewise
		&cobra.Command{Use: "version", Short: "Show what was built", Args: cobra.NoArgs, RunE: p.version},
		&cobra.Command{Use: "healthcheck", Short: "Exit with 0 when the service on this host is ready", Args: cobra.NoArgs, RunE: p.healthcheck},
		&cobra.Command{Use: "openapi", Short: "Print the description of the HTTP API", Args: cobra.NoArgs, RunE: p.openAPI, Hidden: true},
	)
	root.SetArgs(args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	return oneLine(root.ExecuteContext(ctx))
}

func (p Program) version(*cobra.Command, []string) error {
	_, err := fmt.Fprintf(p.Stdout, "wxcomponent %s (commit %s, built %s, %s)\n",
		p.Build.Version, p.Build.Commit, p.Build.Time, runtime.Version())
	return err
}

func (p Program) load(cmd *cobra.Command) (config.Config, error) {
	return config.Load(config.Options{
		Getenv: p.Getenv, Dir: ".", Flags: cmd.Flags(), CloudBaseTokenFile: p.CloudBaseTokenFile,
	})
}

// healthWait is how long the health check of a container waits for an answer.
const healthWait = 3 * time.Second

func (p Program) healthcheck(cmd *cobra.Command, _ []string) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), p.Times.limit(healthWait))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+localAddress(cfg.PublicAddress)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("build the request: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the service: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %s", res.Status)
	}
	return nil
}

// localAddress is the address of a listener as seen from this host.
func localAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// oneLine keeps a failed start to one line that says what to do.
func oneLine(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; "))
}
