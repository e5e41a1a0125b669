package dao

// EnterFrom returns a Store that enters messages by account when so many are not.
func (s *Store) EnterFrom(n int64) *Store {
	c := *s
	c.enterFrom = n
	return &c
}
