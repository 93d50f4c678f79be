# Six Pillars. `make` alone lists what there is to do.

CACHE := $(or $(SIXPILLARS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sixpillars)
# Outside of the source tree, so that a fresh clone does not compile the AWS SDK again.
export CARGO_TARGET_DIR ?= $(CACHE)/target

SIXPILLARS := $(CARGO_TARGET_DIR)/debug/sixpillars
REGIONS := eu-west-1,us-east-1,ap-southeast-2
REPORT := demo-report
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
DENY_VERSION := 0.20.2
export CHROMIUM ?= $(shell for name in chromium chromium-browser google-chrome; do command -v $$name && break; done)

# On ports that are free: the defaults belong to `make demo`, which may run at the same time.
TEST_SERVE := SIXPILLARS_LOCALSTACK_PORT=0 SIXPILLARS_MOTO_PORT=0 localstack/serve

.PHONY: help demo test check unit page web fuzz emulators deny bench rust node

help: ## What there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

demo: rust node ## Audit a sample account in emulators of AWS on this machine
	@localstack/serve --install & installing=$$!; \
	cargo build --locked || { kill $$installing 2>/dev/null; exit 1; }; \
	wait $$installing
	@localstack/serve --seed localstack/seed.py -- $(SIXPILLARS) scan \
		--regions $(REGIONS) --policy localstack/policy.yaml --allow-paid 1 \
		--format text,json,ndjson,html,markdown,csv,ocsf,asff,sarif,junit,prometheus --output $(REPORT)

test: check unit page emulators deny ## Everything that has to hold before a change goes in

check: rust node ## Format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

unit: rust node ## Tests that need nothing but this machine
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --no-fail-fast; \
	else \
		cargo test --locked --no-fail-fast; \
	fi

page: web ## Types, lints, unit tests and browser tests of the report page
	cd web && npm run check && npm run unit
	@if [ -x "$(CHROMIUM)" ]; then \
		cd web && CHROMIUM="$(CHROMIUM)" npm run e2e; \
	else \
		echo "NOT CHECKED: the report page in a browser; install Chromium, or name it with CHROMIUM=/path" >&2; \
	fi

web: web/node_modules/.package-lock.json ## The report page alone, web/dist/index.html
	cd web && npm run build

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | node
	cd web && npm ci
	@touch $@

fuzz: rust ## Hostile files: the fuzz targets' corpora, and ten seconds of fuzzing each
	fuzz/run 10

emulators: rust node ## Tests against LocalStack and moto
	cargo build --locked --bin sixpillars --test emulators
	$(TEST_SERVE) --seed localstack/seed.py -- \
		cargo test --locked --test emulators -- --ignored --nocapture

deny: rust ## Licences, sources and advisories of the dependencies
	@cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny --version $(DENY_VERSION)
	cargo deny --locked check licenses bans sources
	@# The advisories are a repository on GitHub. Where it cannot be reached this says so, and passes.
	@if cargo deny fetch db >/dev/null 2>&1; then \
		cargo deny --locked check --disable-fetch advisories; \
	else \
		echo "NOT CHECKED: the advisory database cannot be reached from here" >&2; \
	fi

bench: rust web ## How close a scan comes to the fastest possible one: docs/benchmarks.md
	cargo bench --locked --bench scan
	cargo bench --locked --no-default-features --bench judge
	@if [ -x "$(CHROMIUM)" ]; then \
		cd web && CHROMIUM="$(CHROMIUM)" npm run bench; \
	else \
		echo "NOT MEASURED: the report page; install Chromium, or name it with CHROMIUM=/path" >&2; \
	fi

# Cargo refuses an older compiler too, but only crate by crate and without saying what to do.
rust:
	@command -v cargo >/dev/null || { echo "Rust is missing: install $(RUST) or newer from https://rustup.rs" >&2; exit 2; }
	@found=$$(rustc --version | cut -d' ' -f2); \
	oldest=$$(printf '%s\n' "$(RUST)" "$${found%%-*}" | sort -t. -k1,1n -k2,2n -k3,3n | head -1); \
	[ "$$oldest" = "$(RUST)" ] || { echo "Rust $$found is too old, $(RUST) or newer is needed: rustup update stable" >&2; exit 2; }

# The build script says the same, and where SIXPILLARS_PAGE is set nothing is built with Node.
node:
	@[ -n "$$SIXPILLARS_PAGE" ] || command -v npm >/dev/null || { \
		echo "Node.js is missing: install 20.19 or newer with its npm from https://nodejs.org," >&2; \
		echo "or go without the report page: SIXPILLARS_PAGE=none make ..." >&2; exit 2; }
