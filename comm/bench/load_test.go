//go:build bench

package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// requests makes the requests of one connection. The bytes are used before the next call; nil ends
// the connection's part.
type requests func() []byte

// load is what to send where. Connections are kept alive and have one request under way each.
type load struct {
	address     string
	connections int
	warmUp      time.Duration
	duration    time.Duration // 0: until the requests end
	rate        float64       // requests a second of all connections together; 0: as many as are answered
	requests    func(connection int) requests
}

// result is what came of it, warm-up left out.
type result struct {
	elapsed   time.Duration
	latencies []time.Duration // sorted
}

func (r result) rate() float64 { return float64(len(r.latencies)) / r.elapsed.Seconds() }

func (r result) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(int(q*float64(len(r.latencies))), len(r.latencies)-1)]
}

// run sends the load. An answer other than 200 ends it with an error: figures of failures are none.
func (l load) run(ctx context.Context) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now().Add(l.warmUp)
	end := begin.Add(l.duration)
	latencies := make([][]time.Duration, l.connections)
	errs := make([]error, l.connections)
	var wg sync.WaitGroup
	for i := range l.connections {
		wg.Go(func() {
			latencies[i], errs[i] = l.connection(ctx, i, begin, end)
			if errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	r := result{elapsed: time.Since(begin), latencies: slices.Concat(latencies...)}
	slices.Sort(r.latencies)
	return r, errors.Join(errs...)
}

func (l load) connection(ctx context.Context, number int, begin, end time.Time) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	next := l.requests(number)
	pace := l.pace(number)
	var latencies []time.Duration
	for ctx.Err() == nil {
		pace()
		sent := time.Now()
		if l.duration > 0 && sent.After(end) {
			break
		}
		request := next()
		if request == nil {
			break
		}
		if _, err := conn.Write(request); err != nil {
			return nil, fmt.Errorf("send: %w", err)
		}
		if err := readAnswer(in); err != nil {
			return nil, err
		}
		if sent.After(begin) {
			latencies = append(latencies, time.Since(sent))
		}
	}
	return latencies, nil
}

// pace returns what waits for the turn of a connection's next request. Turns that were missed are
// made up for, so that a slow answer does not make the load smaller.
func (l load) pace(number int) func() {
	if l.rate <= 0 {
		return func() {}
	}
	each := time.Duration(float64(l.connections) / l.rate * float64(time.Second))
	turn := time.Now().Add(each * time.Duration(number) / time.Duration(l.connections))
	return func() {
		time.Sleep(time.Until(turn))
		turn = turn.Add(each)
	}
}

// readAnswer reads one answer and throws it away. It understands what the service sends: HTTP/1.1
// with a Content-Length.
func readAnswer(in *bufio.Reader) error {
	status, err := in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("answered %s", bytes.TrimSpace(status))
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return fmt.Errorf("length of the answer: %w", err)
			}
		}
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return err
}
