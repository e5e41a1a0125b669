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

func main() { os.Exit(process(inits.Times{})) }

// process is the whole life of the process. It returns the exit status.
func process(times inits.Times) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, times, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
}

// run executes one command and returns the exit status.
func run(ctx context.Context, times inits.Times, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	program := inits.Program{
		Build:  inits.Build{Version: version, Commit: commit, Time: buildTime},
		Getenv: getenv, Stdout: stdout, Stderr: stderr, Times: times,
	}
	if err := program.Run(ctx, args); err != nil {
		_, _ = fmt.Fprintln(stderr, "wxcomponent:", err)
		return 1
	}
	return 0
}
