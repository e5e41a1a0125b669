// Command mariadb runs a command with a MariaDB server beside it, on which the tests that the command
// runs make their databases, and ends as the command ends:
//
//	go run ./db/dbtest/mariadb go test ./...
//
// Where WXCOMPONENT_TEST_MYSQL already names a server, it starts none.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"wxcomponent/db/dbtest"
)

const setting = "WXCOMPONENT_TEST_MYSQL"

func main() { os.Exit(run(os.Args[1:])) }

func run(command []string) int {
	if len(command) == 0 {
		return failed(errors.New("name the command to run"))
	}
	// An interrupt reaches the command as well: the server waits for its end.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	environment := os.Environ()
	if os.Getenv(setting) == "" {
		address, end, err := dbtest.Serve(ctx)
		defer end()
		if err != nil {
			return failed(fmt.Errorf("start MariaDB: %w", err))
		}
		environment = append(environment, setting+"="+address)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // it runs what it is told to
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment, os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return failed(err)
	}
	return cmd.ProcessState.ExitCode()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "mariadb:", err)
	return 1
}
