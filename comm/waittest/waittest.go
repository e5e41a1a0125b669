// Package waittest is how tests wait: for a condition, never for a length of time, so that no test
// depends on how fast the machine is. It is for tests only.
//
// Where the time itself is what a test is about, it runs in a bubble of testing/synctest, whose clock
// goes on when there is nothing left to do, and lets time pass with Pass.
package waittest

import (
	"testing"
	"testing/synctest"
	"time"
)

// Limit ends a wait for something that never comes. It is so long that no machine that makes any
// progress reaches it.
const Limit = 2 * time.Minute

const poll = 5 * time.Millisecond

// Until waits until a condition holds, and ends the test when it never does. What is waited for is
// told then, with the values of arguments as they are at that time: one that is a func() any is called.
func Until(t testing.TB, condition func() bool, what string, args ...any) {
	t.Helper()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for begin := time.Now(); !condition(); <-ticker.C {
		if time.Since(begin) < Limit {
			continue
		}
		for i, arg := range args {
			if value, ok := arg.(func() any); ok {
				args[i] = value()
			}
		}
		t.Fatalf("not after %s: "+what, append([]any{Limit}, args...)...)
	}
}

// Receive waits for a value, and ends the test when none comes.
func Receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	timer := time.NewTimer(Limit)
	defer timer.Stop()
	select {
	case v := <-from:
		return v
	case <-timer.C:
		t.Fatalf("not after %s: %s", Limit, what)
		panic("not reached")
	}
}

// Pass lets time pass in a bubble of testing/synctest, and then all that it woke come to rest. It
// panics outside of one.
func Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
