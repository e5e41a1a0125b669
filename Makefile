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

# Go and Vitest run side by side: most Go tests wait for disks and clocks.
test: deps client/node_modules/.stamp ## every test: Go on both databases with -race, Vitest, browser stories
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-go test-client
	@$(MAKE) --no-print-directory test-e2e

test-go: client/node_modules/.stamp # one test asks a library of the receivers' side
	CGO_ENABLED=1 go test -race -shuffle=on -p 3 -timeout 20m ./...

test-client: client/node_modules/.stamp
	cd client && npm test

# The stories play against the built binary's demo, on ports of its own. They find it by these
# variables.
test-e2e: build client/node_modules/.stamp
	@log=$$(mktemp); bin/wxcomponent demo --port 127.0.0.1:0 --inner-address 127.0.0.1:0 --simulator 127.0.0.1:0 >"$$log" 2>&1 & pid=$$!; \
	trap 'kill $$pid 2>/dev/null || true; wait $$pid 2>/dev/null || true; rm -f "$$log"' EXIT; \
	until grep -q '^ *simulator ' "$$log"; do kill -0 $$pid 2>/dev/null || { cat "$$log" >&2; exit 1; }; sleep 0.1; done; \
	value() { awk -v name="$$1" '$$1 == name {print $$2}' "$$log"; }; \
	export WXCOMPONENT_URL="$$(value dashboard)" WXCOMPONENT_SIMULATOR="$$(value simulator)"; \
	export WXCOMPONENT_USERNAME="$$(value user)" WXCOMPONENT_PASSWORD="$$(value password)"; \
	cd client && npm run e2e

lint: lint-go lint-client ## format and static checks, generated files up to date

lint-go: $(GOLANGCI)
	@untidy=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$untidy" ] || { echo "gofmt would change: $$untidy" >&2; exit 1; }
	go mod verify >/dev/null
	$(GOLANGCI) run

lint-client: gen client/node_modules/.stamp
	@git diff --exit-code -- client/src/api container.config.json || { echo "make: generated files were out of date; commit what 'make gen' wrote" >&2; exit 1; }
	cd client && npm run typecheck && npm run lint && npm run format:check

fuzz: ## every fuzz target for FUZZTIME (30s)
	@grep -roh --include='*_test.go' --exclude-dir=node_modules -H '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file name; do \
		name=$${name#func }; echo "== $$name in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null; done

size: client/dist/index.html ## limits on script and style of the first pages
	cd client && npm run size

ci: lint test size fuzz ## what continuous integration runs

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
