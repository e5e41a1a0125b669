package encrypt

import (
	"context"

	"wxcomponent/comm/log"
)

// OpenBoxCheaply is OpenBox with a SECRET_KEY that costs little to guess.
func OpenBoxCheaply(ctx context.Context, store KeyStore, master log.Secret, dataDir string) (*Box, error) {
	return opener{store: store, master: master, file: keyFile{dir: dataDir}, guessKiB: 8}.open(ctx)
}
