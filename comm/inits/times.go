package inits

import "time"

// Times let tests of the whole program change how long things take: their machine may be slow, and they
// have no time for the pauses that people are given. Zero values mean the usual times.
type Times struct {
	// Patience is the least that a request, a call of somebody else, a statement or a stop may take.
	Patience time.Duration
	Gather   time.Duration // in which what people are told of makes one message
	Watch    time.Duration // between two looks at what people are to be told of
}

// limit is how long something may take.
func (t Times) limit(usual time.Duration) time.Duration { return max(usual, t.Patience) }
