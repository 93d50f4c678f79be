# Six Pillars. `make` alone lists what there is to do.

CACHE := $(or $(SIXPILLARS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sixpillars)
# Outside of the source tree, so that a fresh clone does not compile the AWS SDK again.
export CARGO_TARGET_DIR ?= $(CACHE)/target

SIXPILLARS := $(CARGO_TARGET_DIR)/debug/sixpillars
# The demo shows the command line. Without the standing service, and without optimising what nobody waits
# for, the first build takes five minutes instead of nine on two cores.
DEMO := $(CARGO_TARGET_DIR)/demo/sixpillars
DEMO_BUILD := --locked --profile demo --no-default-features --features cli --bin sixpillars
REGIONS := eu-west-1,us-east-1,ap-southeast-2
# How the sample account is audited: what its policy asks for, and what people say of it.
AUDIT := scan --regions $(REGIONS) --policy localstack/policy.yaml --policy localstack/review.yaml --allow-paid 1
REPORT := demo-report
# What `make emulators` leaves for the browser tests.
AUDITED := $(CARGO_TARGET_DIR)/audited
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
HOST := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
DENY_VERSION := 0.20.2
export CHROMIUM ?= $(shell for name in chromium chromium-browser google-chrome; do command -v $$name && break; done)

# Everything but the report page can do without Node.js. Where there is none that is new enough, html
# is left out, and one line says so.
FORMATS := text,json,ndjson,html,markdown,csv,ocsf,asff,sarif,junit,prometheus
NODE := $(shell command -v npm >/dev/null && node -e \
	'const [a, b] = process.versions.node.split("."); if (a > 20 || (a == 20 && b >= 19)) console.log("yes")' 2>/dev/null)
ifeq ($(SIXPILLARS_PAGE)$(NODE),)
export SIXPILLARS_PAGE := none
WITHOUT_NODE := yes
endif
comma := ,
ifeq ($(SIXPILLARS_PAGE),none)
FORMATS := $(subst $(comma)html,,$(FORMATS))
endif

# On ports that are free: the defaults belong to `make demo`, which may run at the same time.
TEST_SERVE := SIXPILLARS_LOCALSTACK_PORT=0 SIXPILLARS_MOTO_PORT=0 localstack/serve

.PHONY: help demo serve-demo test check unit soak generated deploy page web no-page fuzz emulators deny bench rust crates build-page node

help: ## What there is to do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

# The emulators are installed while the program is built. What can fail on a fresh machine, Python, ports and
# the network, fails in the first seconds, and ends the build.
define BUILD_AND_INSTALL
mkdir -p "$(CACHE)"; { $(FETCH) >"$(CACHE)/crates.log" 2>&1 || { $(NO_CRATES); exit 2; }; exec cargo build $(1); } & building=$$!; \
	localstack/serve --install || { kill $$building 2>/dev/null; exit 2; }; \
	wait $$building
endef

demo: rust build-page ## Audit a sample account in emulators of AWS on this machine
	@$(call BUILD_AND_INSTALL,$(DEMO_BUILD))
	@localstack/serve --seed localstack/seed.py -- $(DEMO) $(AUDIT) \
		--format $(FORMATS) --output $(REPORT)

serve-demo: rust build-page ## The standing service over the same emulators: an audit every minute, until Ctrl-C
	@$(call BUILD_AND_INSTALL,--locked)
	@localstack/serve --seed localstack/seed.py -- localstack/serve-demo $(SIXPILLARS)

test: check unit generated deploy emulators $(if $(NODE),page,no-page) fuzz deny ## Everything that has to hold before a change goes in

check: rust crates build-page ## Format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

# Many tests wait for a time-out, a lease or a server most of the time.
TESTS_AT_ONCE := $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1))
unit: rust crates build-page ## Tests that need nothing but this machine
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --no-fail-fast --test-threads $(TESTS_AT_ONCE); \
	else \
		cargo test --locked --no-fail-fast; \
	fi

soak: rust crates build-page ## Refuses, breaks, kills and takes away one thing at a time, which takes hours
	SIXPILLARS_SOAK=1 cargo nextest run --locked --no-fail-fast --profile soak --test hostile --test parts --test serve

# What `kinds/generate_*.py` make. The files are checked in, so that nobody needs Python to build.
GENERATED := $(CACHE)/generated
generated: ## Whether the data of kinds/ are what the pinned botocore makes of them
	@if [ ! -x "$(GENERATED)/bin/python" ]; then python3 -m venv "$(GENERATED)" >/dev/null 2>&1; fi; \
	if "$(GENERATED)/bin/python" -m pip install --quiet --disable-pip-version-check --requirement kinds/requirements.txt >/dev/null 2>&1; then \
		for script in kinds/generate_*.py; do "$(GENERATED)/bin/python" "$$script" --check || exit 1; done; \
	else \
		echo "NOT CHECKED: whether the data of kinds/ are current; it takes Python 3 with venv, and PyPI" >&2; \
	fi

deploy: ## Lints and parsers of deploy/, and of the API's description
	@SIXPILLARS_CACHE="$(CACHE)" deploy/check

no-page:
	@echo "NOT CHECKED: the report page; it takes Node.js 20.19 or newer with npm" >&2

page: web ## Types, lints, unit tests and browser tests of the report page and the service's page
	cd web && npm run check && npm run unit
	@if [ -x "$(CHROMIUM)" ]; then \
		if [ -f "$(AUDITED)/report.html" ]; then export REPORT_HTML="$(AUDITED)/report.html"; fi; \
		cd web && CHROMIUM="$(CHROMIUM)" npm run e2e; \
	else \
		echo "NOT CHECKED: the report page in a browser; install Chromium, or name it with CHROMIUM=/path" >&2; \
	fi
	@if [ -x "$(CHROMIUM)" ] && command -v cargo >/dev/null; then \
		CHROMIUM="$(CHROMIUM)" cargo test --locked --test serve page::the_page_in_a_browser -- --ignored --nocapture; \
	else \
		echo "NOT CHECKED: the service's page in a browser; it takes Rust and Chromium" >&2; \
	fi

web: web/node_modules/.package-lock.json ## The pages alone, web/dist/index.html and web/dist/service
	cd web && npm run build

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | node
	cd web && npm ci
	@touch $@

fuzz: rust ## Hostile files: the fuzz targets' corpora, and ten seconds of fuzzing each
	fuzz/run 10

emulators: rust crates build-page ## Tests against LocalStack and moto
	cargo build --locked --bin sixpillars --test emulators
	@rm -rf "$(AUDITED)"
	$(TEST_SERVE) --seed localstack/seed.py -- sh -c '\
		cargo test --locked --test emulators -- --ignored --nocapture && \
		"$(SIXPILLARS)" $(AUDIT) --quiet --format json --output "$(AUDITED)/before" && \
		"$(SIXPILLARS)" $(AUDIT) --quiet --format $(subst text$(comma),,$(FORMATS)) --output "$(AUDITED)" \
			--baseline "$(AUDITED)/before/report.json"'

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
	cargo bench --locked --bench scan --no-run
	@# A scan ends when its report is on the disk: what the build wrote is not to be waited for.
	sync
	cargo bench --locked --bench scan
	cargo bench --locked --no-default-features --bench judge
	cargo bench --locked --bench parse
	cargo bench --locked --bench serve
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

# Cargo says in a dozen lines that there is no network. What is there already takes none.
FETCH := cargo fetch --locked --target $(HOST)
NO_CRATES = echo "cargo could not download the crates: $$(sed '/^$$/d; s/^ *//' "$(CACHE)/crates.log" | tail -1)" >&2; \
	echo "It needs the network (or a mirror in cargo's configuration) the first time only. All of its output: $(CACHE)/crates.log" >&2

crates: rust
	@$(FETCH) --offline >/dev/null 2>&1 && exit; \
	mkdir -p "$(CACHE)"; echo "Downloading the crates (once)" >&2; \
	$(FETCH) >"$(CACHE)/crates.log" 2>&1 || { $(NO_CRATES); exit 2; }

build-page:
	@[ -z "$(WITHOUT_NODE)" ] || echo "Without the report page (html): it takes Node.js 20.19 or newer with npm, from https://nodejs.org" >&2

# The page alone is nothing without Node.
node:
	@[ -n "$(NODE)" ] || { \
		echo "Node.js is missing or too old: install 20.19 or newer with its npm from https://nodejs.org" >&2; exit 2; }
