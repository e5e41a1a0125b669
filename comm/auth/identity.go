// Package auth holds what proves who somebody is: login tokens, password hashes, and the identity
// that a request carries in its context.
package auth

import (
	"context"
	"net/netip"
)

// Identity is a user who has logged in.
type Identity struct {
	UserID   int
	Username string
	Epoch    int    // the user's token generation: tokens of an older one no longer count
	Address  string // where the request came from; no part of a token
}

type identityKey struct{}

// WithIdentity returns a context that carries id.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityOf returns the identity that the context carries; UserID is 0 where there is none.
func IdentityOf(ctx context.Context) Identity {
	id, _ := ctx.Value(identityKey{}).(Identity)
	return id
}

type addressKey struct{}

// WithAddress returns a context that carries the caller's address, also before there is a login.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// AddressOf returns the caller's address, or "".
func AddressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// Network returns what limits count an address as: an IPv4 address is one, of IPv6 a network of 64 bits
// is what one customer has.
func Network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if addr = addr.Unmap(); addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
}
