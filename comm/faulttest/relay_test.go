package faulttest

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// relay stands between the service and its database. It can swallow what goes either way: the
// connections stay, and nothing comes.
type relay struct {
	address string
	flow    sync.RWMutex // written by whoever holds the flow up
}

func newRelay(t testing.TB, to string) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{address: ln.Addr().String()}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go r.connect(in, to)
		}
	}()
	return r
}

func (r *relay) swallow() { r.flow.Lock() }

func (r *relay) pass() { r.flow.Unlock() }

func (r *relay) connect(in net.Conn, to string) {
	out, err := net.Dial("tcp", to)
	if err != nil {
		_ = in.Close()
		return
	}
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go r.copy(way[0], way[1])
	}
}

func (r *relay) copy(to, from net.Conn) {
	defer func() {
		_ = to.Close()
		_ = from.Close()
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		r.flow.RLock()
		_, err = to.Write(buffer[:n])
		r.flow.RUnlock()
		if err != nil {
			return
		}
	}
}
