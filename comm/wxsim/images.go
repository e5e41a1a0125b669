package wxsim

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"net/http"
	"strings"
)

const (
	codeModules = 29 // modules on one side of a code
	moduleSize  = 8  // pixels
)

func hashOf(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// drawCode paints what looks like a QR code; the same text gives the same picture.
func drawCode(text string) *image.Gray {
	const side = (codeModules + 4) * moduleSize
	img := image.NewGray(image.Rect(0, 0, side, side))
	rnd := rand.New(rand.NewPCG(hashOf(text), 0)) //nolint:gosec // a picture, no secret
	for y := range codeModules + 4 {
		for x := range codeModules + 4 {
			dark, fixed := finder(x-2, y-2)
			if !fixed {
				dark = rnd.IntN(2) == 0
			}
			paint(img, x, y, dark)
		}
	}
	return img
}

// finder tells the modules of the quiet zone and of the three corner marks.
func finder(x, y int) (dark, fixed bool) {
	if x < 0 || y < 0 || x >= codeModules || y >= codeModules {
		return false, true
	}
	for _, corner := range [][2]int{{3, 3}, {codeModules - 4, 3}, {3, codeModules - 4}} {
		d := max(abs(x-corner[0]), abs(y-corner[1]))
		if d <= 4 {
			return d == 3 || d <= 1, true
		}
	}
	return false, false
}

func abs(n int) int { return max(n, -n) }

func paint(img *image.Gray, x, y int, dark bool) {
	shade := color.Gray{Y: 255}
	if dark {
		shade.Y = 20
	}
	for dy := range moduleSize {
		for dx := range moduleSize {
			img.SetGray(x*moduleSize+dx, y*moduleSize+dy, shade)
		}
	}
}

func codeJPEG(text string) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, drawCode(text), &jpeg.Options{Quality: 80}) // a buffer takes everything
	return b.Bytes()
}

// serveQRCode is where qrcode_url points.
func (s *Sim) serveQRCode(w http.ResponseWriter, r *http.Request) {
	a, ok := s.Account(strings.TrimSuffix(r.PathValue("file"), ".png"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, drawCode(a.UserName))
}

// serveHead is where head_img points: the first character of the name on the account's colour.
func (s *Sim) serveHead(w http.ResponseWriter, r *http.Request) {
	a, ok := s.Account(strings.TrimSuffix(r.PathValue("file"), ".svg"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	hue := hashOf(a.AppID) % 360
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=86400")
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="132" height="132" viewBox="0 0 132 132">`+
		`<rect width="132" height="132" fill="hsl(%d 55%% 45%%)"/><text x="66" y="66" fill="#fff" font-size="64" `+
		`font-family="sans-serif" text-anchor="middle" dominant-baseline="central">%s</text></svg>`,
		hue, html.EscapeString(string([]rune(a.NickName)[:1])))
}
