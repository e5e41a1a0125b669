// Package client holds the dashboard as it was built into this binary.
package client

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed placeholder
var placeholder embed.FS

// Files returns the dashboard's files with index.html at the root. Text files are accompanied by
// compressed copies, NAME.br and NAME.gz; everything under assets/ carries a content hash in its
// name and never changes.
//
// A binary that was compiled without building the dashboard holds a single page that says so.
func Files() (fs.FS, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(built, "index.html"); err == nil {
		return built, nil
	}
	return fs.Sub(placeholder, "placeholder")
}
