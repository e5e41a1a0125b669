# wxcomponent. `make` alone shows what there is.
SHELL         := /bin/bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_VERSION := 2.15.0
GOLANGCI         := bin/golangci-lint-$(GOLANGCI_VERSION)
FUZZTIME         ?= 30s

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
DATE    ?= $(shell git log -1 --format=%cI 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.buildTime=$(DATE)

CLIENT_SOURCES := $(shell find client/src client/public client/scripts client/index.html \
	client/vite.config.ts client/tsconfig.json -type f 2>/dev/null)

##@ Use
.PHONY: help build demo run
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: client/dist/index.html ## bin/wxcomponent with the dashboard inside
	CGO_ENABLED=0 go build -tags nomsgpack -trimpath -ldflags '$(LDFLAGS)' -o bin/wxcomponent .

demo: build ## the service together with a simulated WeChat, on a throw-away database
	@exec bin/wxcomponent demo

run: build ## the service, with the settings of environment and .env
	@exec bin/wxcomponent serve

##@ Check
.PHONY: deps test test-go test-client test-e2e lint lint-go lint-client fuzz size ci fault bench
deps: ## install MariaDB, Chromium, strace and fonts that the tests need (Debian, as root), or say what is missing
	@missing=(); \
	have() { command -v "$$1" >/dev/null || [ -x "/usr/sbin/$$1" ]; }; \
	for tool in go node npm gcc git; do have $$tool || { echo "make: '$$tool' is missing: install Go 1.26, Node.js 20 with npm 11, gcc and git" >&2; exit 1; }; done; \
	have mariadbd || missing+=(mariadb-server); \
	have chromium || [ -n "$${CHROMIUM_PATH:-}" ] || missing+=(chromium); \
	[ -d /usr/share/fonts/opentype/noto ] || missing+=(fonts-noto-cjk); \
	[ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || missing+=(fonts-noto-color-emoji); \
	[ "$$(uname)" != Linux ] || have strace || missing+=(strace); \
	[ $${#missing[@]} -eq 0 ] && exit 0; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then \
		echo "make: the tests need these packages (Debian's names): $${missing[*]}" >&2; \
		echo "make: as root: apt-get update && apt-get install -y $${missing[*]}" >&2; exit 1; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends "$${missing[@]}" </dev/null

# All three parts, whatever becomes of one, and one summary. PKG and RUN choose what a single part runs.
PKG ?= ./...
RUN ?=
test: deps client/node_modules/.stamp ## every test: Go on both databases with -race, Vitest, browser stories
	@node .ci/test.mjs

# The race detector leaves out the engine of SQLite, which is C in the dress of Go: it has no
# goroutines and nothing that could be mended here, and watching it took three quarters of the time.
NO_RACE := $(foreach engine,modernc.org/sqlite/lib modernc.org/libc/...,-gcflags='$(engine)=-race=false')
PURE_GO := CGO_ENABLED=0 go

# One database server for all packages; one test asks a library of the receivers' side.
test-go: client/node_modules/.stamp
	$(PURE_GO) run -trimpath -tags nomsgpack ./db/dbtest/mariadb env CGO_ENABLED=1 \
		go test -race -shuffle=on -p 3 -timeout 30m $(NO_RACE) $(GOTESTFLAGS) $(if $(RUN),-count 1 -run '$(RUN)') $(PKG)

test-client: client/node_modules/.stamp
	cd client && npm test -- $(VITESTFLAGS) $(if $(RUN),-t '$(RUN)')

# Each worker plays against a demo of its own of the built binary.
test-e2e: build client/node_modules/.stamp
	cd client && npm run e2e -- $(if $(RUN),-g '$(RUN)')

lint: lint-go lint-client ## format and static checks, generated files up to date

lint-go: $(GOLANGCI)
	@untidy=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$untidy" ] || { echo "gofmt would change: $$untidy" >&2; exit 1; }
	go mod verify >/dev/null
	$(GOLANGCI) run

lint-client: gen client/node_modules/.stamp
	@git diff --exit-code -- client/src/api container.config.json || { echo "make: generated files were out of date; commit what 'make gen' wrote" >&2; exit 1; }
	cd client && npm run typecheck && npm run lint && npm run format:check

# What a target finds is written down as an input. Without one, "context deadline exceeded" is Go 1.26
# losing a race with its own clock at the end of the time (go.dev/issue/75804, mended in 1.27).
fuzz: ## every fuzz target for FUZZTIME (30s)
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	grep -roh --include='*_test.go' --exclude-dir=node_modules -H '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file name; do \
		name=$${name#func }; echo "== $$name in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null 2>&1 | tee "$$log" || \
			{ grep -qx ' *context deadline exceeded' "$$log" && ! grep -q 'Failing input' "$$log"; } || exit 1; done

size: client/dist/index.html ## limits on script and style of the first pages
	cd client && npm run size

ci: export FUZZTIME := 10s
ci: ## what continuous integration runs
	@for stage in lint test size fuzz; do \
		echo; echo "========== make $$stage =========="; begun=$$SECONDS; \
		$(MAKE) --no-print-directory $$stage; \
		echo "---------- make $$stage: $$((SECONDS - begun)) s ----------"; done

# Its short form is a part of test-go. FAULT_SEED, FAULT_RATE, FAULT_SECONDS and FAULT_KILLS change it.
fault: deps ## kills, standstills and bad targets under load at length, one line of JSON for each
	@CGO_ENABLED=0 FAULT_FULL=1 go test -run '^Test' -count 1 -timeout 60m -v ./comm/faulttest | grep -Ev '^=== '

bench: deps build ## throughput, list, memory and start-up figures, as one table
	go test -tags bench -run '^TestBench$$' -count 1 -timeout 120m -v ./comm/bench

##@ Maintain
.PHONY: gen fmt clean
gen: client/node_modules/.stamp ## API description, the dashboard's types and container.config.json
	go test -count 1 -run '^TestCloudHostingMakesTheFirstMigration$$' . -update >/dev/null
	go run . openapi > client/src/api/openapi.json.new
	mv client/src/api/openapi.json.new client/src/api/openapi.json
	cd client && npm run --silent gen >/dev/null

fmt: $(GOLANGCI) client/node_modules/.stamp ## format everything
	$(GOLANGCI) fmt
	cd client && npm run --silent format

clean: ## remove what was built
	rm -rf bin client/test-results client/playwright-report client/node_modules
	find client/dist -mindepth 1 ! -name .gitkeep -delete

client/node_modules/.stamp: client/package-lock.json
	cd client && npm ci --no-audit --no-fund
	@touch $@

client/dist/index.html: client/node_modules/.stamp $(CLIENT_SOURCES)
	cd client && npm run build
	@touch client/dist/.gitkeep $@

$(GOLANGCI):
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION)
	@mv bin/golangci-lint $@
