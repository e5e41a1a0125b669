package main_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "wxcomponent"

// pkg is what `go list -json` tells of a package of ours.
type pkg struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
}

// name is the package's folder inside the repository, "." for main.
func (p pkg) name() string { return folder(p.ImportPath) }

func folder(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports", "./...").Output()
	require.NoError(t, err)
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

func under(name string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return name == root || strings.HasPrefix(name, root+"/")
	})
}

// TestThirdPartyPackagesStayInTheirPlace holds that a library which shapes the code that touches
// it is touched in one place only.
func TestThirdPartyPackagesStayInTheirPlace(t *testing.T) {
	homes := map[string][]string{
		"gorm.io/":                    {"db"},
		"modernc.org/sqlite":          {"db"},
		"github.com/go-sql-driver/":   {"db"},
		"github.com/gin-gonic/gin":    {"api", "middleware", "routers"},
		"github.com/spf13/viper":      {"comm/config"},
		"github.com/golang-jwt/":      {"comm/auth"},
		"github.com/spf13/cobra":      {"comm/inits"},
		"github.com/coder/websocket":  {"comm/wxsim"},
		"github.com/swaggest/":        {"api"},
		"golang.org/x/crypto/bcrypt":  {"comm/auth"},
		"github.com/prometheus/":      {"comm", "api", "routers", "middleware"},
		"github.com/stretchr/testify": {"db/dbtest"},
	}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for prefix, allowed := range homes {
				if strings.HasPrefix(imported, prefix) && !under(p.name(), allowed...) {
					t.Errorf("%s imports %s, which only %v may", p.name(), imported, allowed)
				}
			}
		}
	}
}

// TestImportsPointOneWay holds the layers: routers know api, api knows comm, comm knows its own
// leaves, db knows nothing but rows and settings.
func TestImportsPointOneWay(t *testing.T) {
	leaves := []string{"comm/errno", "comm/log", "comm/config", "comm/encrypt", "comm/auth", "comm/httputils"}
	allowed := map[string][]string{
		"comm/errno":     {},
		"comm/log":       {},
		"comm/config":    {"comm/errno", "comm/log"},
		"comm/encrypt":   {"comm/errno", "comm/log"},
		"comm/auth":      {"comm/errno", "comm/log"},
		"comm/httputils": {"comm/errno", "comm/log"},
		"comm/wx":        leaves,
		"comm/live":      leaves,
		"comm/token":     append([]string{"comm/wx", "comm/live"}, leaves...),
		"db/model":       {},
		"db/dao":         {"db", "db/model", "comm/errno", "comm/log"},
		"client":         {},
	}
	for _, p := range packages(t) {
		name := p.name()
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			target := folder(imported)
			if only, ok := allowed[name]; ok && !slices.Contains(only, target) {
				t.Errorf("%s imports %s; it may import only %v of ours", name, target, only)
			}
			if !mayImport(name, target) {
				t.Errorf("%s must not import %s", name, target)
			}
		}
	}
}

func mayImport(from, to string) bool {
	above := []string{"api", "routers", "middleware", "client", "comm/inits"}
	switch {
	case from == ".":
		return to == "comm/inits"
	case under(from, "comm/inits", "comm/bench"):
		return true
	case under(from, "comm/wxsim"): // talks to the rest over HTTP only
		return under(to, "comm/wxsim", "comm/encrypt", "comm/errno", "comm/log", "comm/httputils")
	case under(from, "comm"):
		return !under(to, append(above, "comm/wxsim")...)
	case under(from, "db"):
		return under(to, "db", "comm/config", "comm/log", "comm/errno", "comm/event")
	case under(from, "middleware"):
		return under(to, "comm", "middleware") && !under(to, "comm/inits", "comm/wxsim")
	case under(from, "api"):
		area := strings.Split(from, "/")
		sameArea := len(area) > 1 && under(to, path.Join(area[0], area[1]))
		return to == "api" || sameArea || under(to, "comm", "db/model", "middleware") && !under(to, "comm/inits", "comm/wxsim")
	case under(from, "routers"):
		return !under(to, "comm/inits", "comm/wxsim")
	case under(from, "client"):
		return false
	}
	return false
}

// TestNoInitFunctions holds that nothing happens by importing a package.
func TestNoInitFunctions(t *testing.T) {
	for _, p := range packages(t) {
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), path.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, decl := range parsed.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s/%s has an init function", p.name(), file)
				}
			}
		}
	}
}

// TestTopLevel holds that the repository's first page stays readable.
func TestTopLevel(t *testing.T) {
	agreed := []string{
		".ci", ".dockerignore", ".editorconfig", ".env.example", ".gitattributes", ".github", ".gitignore",
		".golangci.yml", "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.en.md",
		"README.md", "api", "arch_test.go", "client", "comm", "compose.yaml", "container.config.json", "db",
		"go.mod", "go.sum", "main.go", "main_test.go", "middleware", "routers",
	}
	out, err := exec.CommandContext(t.Context(), "git", "ls-files").Output()
	if err != nil {
		t.Skip("not a git work tree")
	}
	for line := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(line), "/")
		require.Contains(t, agreed, first)
	}
}

// TestSettingsAreDocumented holds that both READMEs name every setting.
func TestSettingsAreDocumented(t *testing.T) {
	example, err := os.ReadFile(".env.example")
	require.NoError(t, err)
	for _, doc := range []string{"README.md", "README.en.md"} {
		readme, err := os.ReadFile(doc)
		require.NoError(t, err)
		for line := range strings.Lines(string(example)) {
			if name, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
				require.Contains(t, string(readme), "`"+name+"`", "%s says nothing of %s", doc, name)
			}
		}
	}
}
