// Command wxcomponent manages a WeChat third-party platform: it receives WeChat's pushes, keeps the
// tokens, and lets people and programs work with the accounts that merchants authorized.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"wxcomponent/comm/inits"
)

// Set by the linker.
var (
	version   = "dev"
	commit    = "unknown"
	buildTime = ""
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes one command and returns the exit status.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	program := inits.Program{
		Build:  inits.Build{Version: version, Commit: commit, Time: buildTime},
		Getenv: getenv, Stdout: stdout, Stderr: stderr,
	}
	if err := program.Run(ctx, args); err != nil {
		_, _ = fmt.Fprintln(stderr, "wxcomponent:", err)
		return 1
	}
	return 0
}
