package dao

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// Keys of the key-value table that the store itself gives a meaning.
const (
	KeyTicket     = "ticket"          // the newest component_verify_ticket, sealed; the template keeps it in clear
	keyClock      = "push.clock"      // when a push was last refused for its time, and that time, Unix seconds
	keyTicketTime = "ticket.createms" // when WeChat made it, Unix milliseconds
)

// KVGet returns the value of a key, "" when there is none.
func (s *Store) KVGet(ctx context.Context, key string) (string, error) {
	row, err := s.kv(ctx, key)
	return row.Value, fail("read "+key, err)
}

// KVRow returns a key with its times, or model.ErrNotFound.
func (s *Store) KVRow(ctx context.Context, key string) (model.KV, error) {
	row, err := s.kv(ctx, key)
	if err == nil && row.Key == "" {
		err = model.ErrNotFound
	}
	return row, fail("read "+key, err)
}

func (s *Store) kv(ctx context.Context, key string) (model.KV, error) {
	var rows []model.KV
	err := s.read(ctx).Raw("SELECT * FROM comm WHERE `key` = ?", key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return model.KV{}, err
	}
	return rows[0], nil
}

// KVPut stores a value.
func (s *Store) KVPut(ctx context.Context, key, value string) error {
	now := seconds(s.now())
	return fail("store "+key, s.upsert(
		func() (int64, error) {
			return s.exec(ctx, "UPDATE comm SET value = ?, updatetime = ? WHERE `key` = ?", value, now, key)
		},
		func() error { return s.kvInsert(ctx, key, value) },
	))
}

func (s *Store) kvInsert(ctx context.Context, key, value string) error {
	now := seconds(s.now())
	_, err := s.exec(ctx, "INSERT INTO comm (`key`, value, createtime, updatetime) VALUES (?, ?, ?, ?)",
		key, value, now, now)
	return err
}

// KVCreate stores a value where there is none, and returns the one that is stored then.
func (s *Store) KVCreate(ctx context.Context, key, value string) (string, error) {
	err := s.kvInsert(ctx, key, value)
	if err == nil {
		return value, nil
	}
	if !db.IsDuplicate(err) {
		return "", fail("store "+key, err)
	}
	return s.KVGet(ctx, key)
}

// KVDelete removes a key, if it is there.
func (s *Store) KVDelete(ctx context.Context, key string) error {
	_, err := s.exec(ctx, "DELETE FROM comm WHERE `key` = ?", key)
	return fail("delete "+key, err)
}

func kvAAD(key string) string { return "comm.value:" + key }

// KVSecretGet returns the value of a key that is kept sealed, "" when there is none. A value that
// the template stored comes back as it stands.
func (s *Store) KVSecretGet(ctx context.Context, key string) (string, error) {
	stored, err := s.KVGet(ctx, key)
	if err != nil {
		return "", err
	}
	plain, err := s.open(stored, kvAAD(key))
	return plain, fail("open "+key, err)
}

// KVSecretPut stores a value sealed.
func (s *Store) KVSecretPut(ctx context.Context, key, value string) error {
	sealed, err := s.seal(value, kvAAD(key))
	if err != nil {
		return fail("seal "+key, err)
	}
	return s.KVPut(ctx, key, sealed)
}

// KVSecretCreate stores a secret unless the key has one already, and returns the one that is stored.
func (s *Store) KVSecretCreate(ctx context.Context, key, value string) (string, error) {
	sealed, err := s.seal(value, kvAAD(key))
	if err != nil {
		return "", fail("seal "+key, err)
	}
	stored, err := s.KVCreate(ctx, key, sealed)
	if err != nil {
		return "", err
	}
	plain, err := s.open(stored, kvAAD(key))
	return plain, fail("open "+key, err)
}

// TicketGet returns the newest component_verify_ticket, "" when there is none. One that the template left in
// clear is sealed at once, unless another has taken its place.
func (s *Store) TicketGet(ctx context.Context) (string, error) {
	stored, err := s.KVGet(ctx, KeyTicket)
	if err != nil || stored == "" {
		return "", err
	}
	if !strings.HasPrefix(stored, sealedPrefix) {
		return stored, s.ticketSeal(ctx, stored)
	}
	plain, err := s.open(stored, kvAAD(KeyTicket))
	return plain, fail("open the ticket", err)
}

func (s *Store) ticketSeal(ctx context.Context, ticket string) error {
	sealed, err := s.seal(ticket, kvAAD(KeyTicket))
	if err == nil {
		_, err = s.exec(ctx, "UPDATE comm SET value = ? WHERE `key` = ? AND value = ?", sealed, KeyTicket, ticket)
	}
	return fail("seal the ticket", err)
}

// TicketSave stores a component_verify_ticket unless a newer one is known. A time of creation in
// the future counts as now, so that one bad push cannot keep out all that follow.
func (s *Store) TicketSave(ctx context.Context, ticket string, createdAt time.Time) error {
	created := min(createdAt.UnixMilli(), s.now().UnixMilli())
	return fail("store the ticket", s.Tx(ctx, func(tx *Store) error {
		var known string
		err := tx.w.WithContext(ctx).Raw("SELECT value FROM comm WHERE `key` = ?"+tx.db.Dialect.ForUpdate(),
			keyTicketTime).Scan(&known).Error
		if err != nil {
			return err
		}
		if newest, err := strconv.ParseInt(known, 10, 64); err == nil && newest > created {
			return nil
		}
		if err := tx.KVPut(ctx, keyTicketTime, strconv.FormatInt(created, 10)); err != nil {
			return err
		}
		return tx.KVSecretPut(ctx, KeyTicket, ticket)
	}))
}

// ClockRefused keeps when a push was refused last because the time that was signed with it is not near
// this service's.
func (s *Store) ClockRefused(ctx context.Context, signedAt, at time.Time) error {
	return s.KVPut(ctx, keyClock, strconv.FormatInt(at.Unix(), 10)+" "+strconv.FormatInt(signedAt.Unix(), 10))
}

// ClockRefusal returns what ClockRefused kept; zero times when there is none.
func (s *Store) ClockRefusal(ctx context.Context) (signedAt, at time.Time, err error) {
	text, err := s.KVGet(ctx, keyClock)
	if err != nil || text == "" {
		return signedAt, at, err
	}
	refused, signed, _ := strings.Cut(text, " ")
	atSeconds, err := strconv.ParseInt(refused, 10, 64)
	if err == nil {
		var seconds int64
		seconds, err = strconv.ParseInt(signed, 10, 64)
		signedAt, at = time.Unix(seconds, 0).UTC(), time.Unix(atSeconds, 0).UTC()
	}
	return signedAt, at, fail("read "+keyClock, err)
}

// RevisionGet returns the number that every change of state that instances keep in memory raises.
func (s *Store) RevisionGet(ctx context.Context) (int64, error) {
	var n int64
	err := s.read(ctx).Raw("SELECT value FROM revision WHERE name = 'all'").Scan(&n).Error
	return n, fail("read the revision", err)
}

// RevisionBump raises the number; within Tx together with the change itself.
func (s *Store) RevisionBump(ctx context.Context) error {
	_, err := s.exec(ctx, "UPDATE revision SET value = value + 1 WHERE name = 'all'")
	return fail("raise the revision", err)
}
