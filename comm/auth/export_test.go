package auth

// WithCompare has passwords compared by compare instead of bcrypt.
func (p *Passwords) WithCompare(compare func(hash, password []byte) error) *Passwords {
	p.compare = compare
	return p
}
