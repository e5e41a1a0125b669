package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// values is what is set after all layers were laid on top of each other: text by setting name.
type values map[string]string

// collect lays the layers on top of each other, lowest first. An empty value does not hide one
// from a layer below. It returns what it could read together with all errors.
func collect(opts Options) (values, error) {
	v := viper.New()
	out := values{}
	var errs []error
	for _, s := range settings() {
		v.SetDefault(s.key(), s.initial)
	}

	dotenv, err := readDotenv(filepath.Join(opts.Dir, ".env"))
	errs = append(errs, err)
	getenv := func(name string) string {
		if text := opts.Getenv(name); text != "" {
			return text
		}
		return dotenv[name]
	}
	file, err := readFile(opts.Dir, flagText(opts.Flags, "config"), getenv(configFile))
	errs = append(errs, err)

	upper := map[string]any{}
	for _, s := range settings() {
		text := flagText(opts.Flags, s.flag())
		if text == "" {
			text = getenv(s.name)
		}
		if text != "" {
			upper[s.key()] = text
		}
	}
	for _, layer := range []map[string]any{file, upper} {
		if err := v.MergeConfigMap(layer); err != nil {
			errs = append(errs, errors.New("the settings cannot be merged"))
		}
	}
	for _, s := range settings() {
		text, err := s.text(v.Get(s.key()))
		if err != nil {
			errs = append(errs, err)
		}
		out[s.name] = strings.TrimSpace(text)
	}
	return out, errors.Join(errs...)
}

func flagText(flags *pflag.FlagSet, name string) string {
	if flags == nil || flags.Lookup(name) == nil {
		return ""
	}
	return flags.Lookup(name).Value.String()
}

// text turns a value of a configuration file into text. Only what cannot be misread is accepted:
// YAML would turn an unquoted password 0123 into the number 83.
func (s setting) text(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case int:
		if s.number {
			return strconv.Itoa(value), nil
		}
	case int64:
		if s.number {
			return strconv.FormatInt(value, 10), nil
		}
	case float64: // every number in JSON
		if s.number && value == float64(int64(value)) {
			return strconv.FormatInt(int64(value), 10), nil
		}
	case []any:
		if s.list {
			items := make([]string, len(value))
			for i, item := range value {
				items[i] = fmt.Sprint(item)
			}
			return strings.Join(items, ","), nil
		}
	}
	return "", s.problem("must be text in the configuration file; put the value in quotes")
}

func (s setting) problem(why string) error { return problem(s.name, why) }

// problem is one line about one setting. It never holds the value: that may be a secret.
func problem(name, why string) error { return fmt.Errorf("%s: %s", name, why) }

// readDotenv returns the names and values of a .env file, nothing when there is no such file.
// Names in it that are no settings are somebody else's and ignored.
func readDotenv(path string) (map[string]string, error) {
	v, err := parseFile(path, "dotenv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf(".env: %w", err)
	}
	out := map[string]string{}
	for key, value := range v.AllSettings() {
		if text, ok := value.(string); ok {
			out[strings.ToUpper(key)] = text
		}
	}
	return out, nil
}

// readFile returns the content of the configuration file, nothing when none is named. Every key
// in it must be a setting's, so that a misspelt one is noticed.
func readFile(dir, byFlag, byEnv string) (map[string]any, error) {
	name, origin := byFlag, "--config"
	if name == "" {
		name, origin = byEnv, configFile
	}
	if name == "" {
		return nil, nil
	}
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if !slices.Contains([]string{"yaml", "yml", "toml", "json"}, format) {
		return nil, problem(origin, "must name a file that ends in .yaml, .yml, .toml or .json")
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	v, err := parseFile(path, format)
	if err != nil {
		return nil, fmt.Errorf("%s: file %s: %w", origin, name, err)
	}
	content := v.AllSettings()
	var errs []error
	for key := range content {
		if !slices.ContainsFunc(settings(), func(s setting) bool { return s.key() == key }) {
			errs = append(errs, fmt.Errorf("%s: file %s: %q is not a setting", origin, name, key))
			delete(content, key)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return content, errors.Join(errs...)
}

// parseFile reads a file in the given format. Parsers quote the text that they stumble over, which
// may be a secret, so of their errors only the place is passed on.
func parseFile(path, format string) (*viper.Viper, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names the file
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fs.ErrNotExist
		}
		return nil, errors.New("cannot be read")
	}
	defer func() { _ = f.Close() }()
	v := viper.New()
	v.SetConfigType(format)
	if err := v.ReadConfig(f); err != nil {
		return nil, fmt.Errorf("is not valid %s%s", format, place(err))
	}
	return v, nil
}

// place is " (line 3)" when a parser's error tells a line, else "".
func place(err error) string {
	if found := regexp.MustCompile(`(?i)\bline (\d+)`).FindStringSubmatch(err.Error()); found != nil {
		return " (line " + found[1] + ")"
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(" (at byte %d)", syntax.Offset)
	}
	return ""
}
