//go:build !unix

package inits

import "os"

// lockFolder locks nothing here: that only one instance uses the embedded database is up to the operator.
func lockFolder(string) (*os.File, error) { return os.Open(os.DevNull) }
