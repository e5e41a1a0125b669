package main_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
)

var update = flag.Bool("update", false, "write generated parts of container.config.json")

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
	all, err := listed()
	require.NoError(t, err)
	return all
}

// listed asks once for all tests.
var listed = sync.OnceValues(func() (all []pkg, err error) {
	out, err := exec.Command("go", "list", "-json=Dir,ImportPath,GoFiles,Imports", "./...").Output()
	if err != nil {
		return nil, err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); err {
		case nil:
			all = append(all, p)
		case io.EOF:
			return all, nil
		default:
			return nil, err
		}
	}
})

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
	leaves := []string{"comm/errno", "comm/log", "comm/config", "comm/encrypt", "comm/auth", "comm/httputils", "comm/payload"}
	allowed := map[string][]string{
		"comm/errno":     {},
		"comm/log":       {},
		"comm/config":    {"comm/errno", "comm/log"},
		"comm/payload":   {},
		"comm/encrypt":   {"comm/errno", "comm/log", "comm/payload"},
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
		return under(to, "comm/wxsim", "comm/encrypt", "comm/payload", "comm/errno", "comm/log")
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
			for _, decl := range parse(t, path.Join(p.Dir, file)).Decls {
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

// TestCloudHostingMakesTheFirstMigration holds that a database which cloud hosting prepared from
// container.config.json is one that the migrations know. With -update it writes that file.
func TestCloudHostingMakesTheFirstMigration(t *testing.T) {
	const name = "container.config.json"
	tables, err := db.FirstMigrationSQL()
	require.NoError(t, err)
	want := []string{
		"CREATE DATABASE IF NOT EXISTS wxcomponent DEFAULT CHARACTER SET utf8mb4;",
		"USE wxcomponent;",
	}
	for _, table := range tables {
		want = append(want, strings.TrimSuffix(table, ";")+";")
	}
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	head, _, found := bytes.Cut(text, []byte("  \"executeSQLs\""))
	require.True(t, found)
	if *update {
		list, err := json.MarshalIndent(want, "  ", "  ")
		require.NoError(t, err)
		text = append(head, "  \"executeSQLs\": "+string(list)+"\n}\n"...)
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	var config struct {
		ContainerPort int
		DataBaseName  string
		ExecuteSQLs   []string
	}
	require.NoError(t, json.Unmarshal(text, &config))
	require.Equal(t, 80, config.ContainerPort)
	require.Equal(t, "wxcomponent", config.DataBaseName)
	if !slices.Equal(want, config.ExecuteSQLs) {
		t.Errorf("%s does not make the tables of the first MySQL migration: run `make gen`", name)
	}
}

// TestImageDoesNotRunAsRoot holds what the container platform relies on.
func TestImageDoesNotRunAsRoot(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	stages := strings.Split(string(text), "\nFROM ")
	last := stages[len(stages)-1]
	require.Regexp(t, `(?m)^USER wxcomponent$`, last)
	require.Equal(t, 1, strings.Count(last, "\nUSER "))
	require.Regexp(t, `(?m)^HEALTHCHECK .* CMD \["wxcomponent", "healthcheck"\]$`, last)
	require.Regexp(t, `(?m)^ENV PORT=80 `, last)
	require.Contains(t, string(text), "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build")
	workflow, err := os.ReadFile(".github/workflows/ci.yml")
	require.NoError(t, err)
	require.Contains(t, string(workflow), "platforms: linux/amd64,linux/arm64")
}

// TestGuideListsEveryWeChatAPI holds that whoever allows the APIs of README's list on cloud hosting
// has allowed every one that is called.
func TestGuideListsEveryWeChatAPI(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	guide := strings.Fields(string(readme))
	for _, p := range packages(t) {
		if !under(p.name(), "comm/wx") {
			continue
		}
		for _, literal := range literals(t, p) {
			isAPI := strings.HasPrefix(literal, "/cgi-bin/") || strings.HasPrefix(literal, "/wxa/")
			if isAPI && !slices.Contains(guide, literal) {
				t.Errorf("README.md's list of WeChat APIs lacks %s", literal)
			}
		}
	}
}

func literals(t *testing.T, p pkg) []string {
	t.Helper()
	var out []string
	for _, file := range p.GoFiles {
		ast.Inspect(parse(t, path.Join(p.Dir, file)), func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				out = append(out, text)
			}
			return true
		})
	}
	return out
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return parsed
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
