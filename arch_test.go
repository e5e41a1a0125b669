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

// rooms names every package, and what of ours it may import. An arrow that is not here is a decision:
// it points from what comes in to what is done with it, and from there to WeChat and what all use.
var rooms = map[string][]string{
	".":          {"comm/inits"},
	"routers":    {"api", "comm/console/refusals", "comm/errno", "middleware"},
	"middleware": {"comm/auth", "comm/errno", "comm/httputils", "comm/log"},
	"api":        {"comm/errno", "comm/httputils", "comm/wx/token", "db/model"},
	"api/admin": {
		"api", "comm/account/authlink", "comm/account/authorizer", "comm/account/releasecheck", "comm/account/weapp", "comm/auth",
		"comm/console/notify", "comm/console/selfcheck", "comm/console/settings", "comm/errno", "comm/forward", "comm/log",
		"comm/push/pushlog", "comm/wx", "comm/wx/event", "comm/wx/platform", "comm/wx/token", "db/model",
	},
	"api/authpage":     {"api", "comm/account/authlink", "comm/console/settings", "comm/httputils"},
	"api/innerservice": {"api", "comm/wx/token"},
	"api/proxy":        {"comm/console/settings", "comm/log"},
	"api/wxcallback": {
		"comm/auth", "comm/console/refusals", "comm/encrypt", "comm/errno", "comm/httputils", "comm/payload", "comm/push/ingest", "comm/wx/event",
	},
	"client": {},

	// What comes in: it knows where that goes and whom it is about.
	"comm/push/ingest":  {"comm/wx/event", "db/model"},
	"comm/push/pushlog": {"comm/errno", "comm/forward", "comm/wx/event", "db/model"},
	"comm/push/react":   {"comm/account/authorizer", "comm/account/weapp", "comm/log", "comm/queue", "comm/wx", "comm/wx/event", "db/model"},

	// Where it goes, merchants' accounts and what operators use do not know each other.
	"comm/forward":              {"comm/errno", "comm/live", "comm/log", "comm/outgoing", "comm/payload", "comm/queue", "comm/wx/event", "db/model"},
	"comm/account/authlink":     {"comm/errno", "db/model"},
	"comm/account/authorizer":   {"comm/errno", "comm/log", "comm/queue", "comm/wx", "db/model"},
	"comm/account/releasecheck": {"comm/account/authorizer", "comm/errno", "comm/log", "comm/payload", "comm/queue", "comm/wx", "comm/wx/event", "db/model"},
	"comm/account/weapp":        {"comm/errno", "comm/log", "comm/queue", "comm/wx", "db/model"},
	"comm/console/login":        {"comm/auth", "comm/console/refusals", "comm/errno", "comm/log", "db/model"},
	"comm/console/notify":       {"comm/errno", "comm/live", "comm/log", "comm/outgoing", "comm/queue", "db/model"},
	"comm/console/refusals":     {},
	"comm/console/selfcheck":    {"comm/console/refusals", "comm/errno", "comm/wx/platform", "comm/wx/token"},
	"comm/console/settings":     {"comm/errno", "comm/live"},

	// What WeChat is.
	"comm/wx":          {"comm/errno", "comm/httputils", "comm/log"},
	"comm/wx/event":    {"comm/payload"},
	"comm/wx/platform": {"comm/config", "comm/encrypt", "comm/errno", "comm/live", "comm/log"},
	"comm/wx/token":    {"comm/errno", "comm/log", "comm/wx"},

	// What all use.
	"comm/auth":      {"comm/errno"},
	"comm/config":    {"comm/log"},
	"comm/encrypt":   {"comm/errno", "comm/log", "comm/payload"},
	"comm/errno":     {},
	"comm/httputils": {"comm/errno", "comm/log"},
	"comm/live":      {},
	"comm/log":       {},
	"comm/outgoing":  {"comm/httputils", "comm/log"},
	"comm/payload":   {},
	"comm/queue":     {"comm/log", "db/model"},

	// The simulator talks to the rest over HTTP only.
	"comm/wxsim": {"comm/encrypt", "comm/httputils", "comm/log", "comm/payload"},
	// The composition root knows everybody.
	"comm/inits": {"*"},
	// These hold tests.
	"comm/bench":     {},
	"comm/faulttest": {},
	"comm/waittest":  {},

	"db":                {"comm/config"},
	"db/dao":            {"db", "db/model"},
	"db/dbtest":         {"comm/config", "comm/log", "db"},
	"db/dbtest/mariadb": {"db/dbtest"},
	"db/model":          {},
}

// TestImportsPointOneWay holds the walls: a package that rooms does not know, and an arrow that it does
// not name, are refused; so is a line of it that nobody needs any more.
func TestImportsPointOneWay(t *testing.T) {
	needed := map[string][]string{}
	for _, p := range packages(t) {
		name := p.name()
		_, known := rooms[name]
		require.True(t, known, "%s is no room of the house: say in rooms what it may import", name)
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			target := folder(imported)
			needed[name] = append(needed[name], target)
			require.True(t, mayImport(name, target), "%s must not import %s", name, target)
		}
	}
	for name, allowed := range rooms {
		for _, target := range allowed {
			if target != "*" {
				require.Contains(t, needed[name], target, "%s may import it, and no longer does", name)
			}
		}
	}
}

func mayImport(from, to string) bool {
	return slices.Contains(rooms[from], to) || slices.Contains(rooms[from], "*")
}

// TestWallsStand shows arrows that would turn the house into a corridor again: rooms must not come to
// allow them.
func TestWallsStand(t *testing.T) {
	for from, list := range map[string][]string{
		".":                         {"routers", "db", "comm/forward"},
		"routers":                   {"comm/inits", "db/dao", "comm/wxsim"},
		"middleware":                {"db", "db/dao", "db/model", "api"},
		"api":                       {"api/admin", "db/dao", "comm/inits"},
		"api/admin":                 {"api/authpage", "api/wxcallback", "db/dao", "comm/wxsim", "comm/inits"},
		"api/authpage":              {"api/admin", "db/dao"},
		"api/wxcallback":            {"comm/forward", "comm/account/authorizer", "db/dao"},
		"comm/push/ingest":          {"api", "db", "db/dao", "comm/forward"},
		"comm/push/react":           {"db/dao", "comm/console/notify", "comm/forward"},
		"comm/forward":              {"db/dao", "comm/push/ingest", "comm/account/authorizer", "comm/console/notify"},
		"comm/account/authorizer":   {"db/dao", "comm/push/react", "comm/forward", "comm/console/notify", "comm/wx/token"},
		"comm/account/weapp":        {"db/dao", "comm/push/react", "comm/account/authorizer"},
		"comm/account/releasecheck": {"db/dao", "comm/push/ingest", "comm/forward"},
		"comm/console/login":        {"db/dao", "comm/account/authorizer", "middleware"},
		"comm/console/notify":       {"db/dao", "comm/account/weapp", "comm/forward", "comm/push/react"},
		"comm/wx":                   {"comm/wx/token", "comm/push/ingest", "db/model"},
		"comm/wx/token":             {"db/dao", "comm/account/authorizer"},
		"comm/queue":                {"comm/forward", "comm/wx", "db/dao"},
		"comm/errno":                {"comm/log", "comm/wx"},
		"comm/wxsim":                {"comm/wx", "comm/inits", "db/model", "api"},
		"db":                        {"db/dao", "comm/wx/event", "api"},
		"db/dao":                    {"comm/errno", "comm/wx/event", "api"},
		"db/model":                  {"db", "comm/errno"},
		"client":                    {"api", "comm/config"},
	} {
		for _, to := range list {
			require.False(t, mayImport(from, to), "%s must not import %s", from, to)
		}
	}
	require.False(t, mayImport("comm/unheardof", "comm/errno"), "a package that nobody named may import nothing")
	for from := range rooms {
		if under(from, "comm") && from != "comm/inits" {
			require.False(t, mayImport(from, "db/dao"), from)
		}
	}
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
