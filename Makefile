# Six Pillars. `make` alone lists what there is to do.

CACHE := $(or $(SIXPILLARS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sixpillars)
# Outside of the source tree, so that a fresh clone does not compile the AWS SDK again.
export CARGO_TARGET_DIR ?= $(CACHE)/target

SIXPILLARS := $(CARGO_TARGET_DIR)/debug/sixpillars
REGIONS := eu-west-1,us-east-1,ap-southeast-2
REPORT := demo-report
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
DENY_VERSION := 0.20.2

# On ports that are free: the defaults belong to `make demo`, which may run at the same time.
TEST_SERVE := SIXPILLARS_LOCALSTACK_PORT=0 SIXPILLARS_MOTO_PORT=0 localstack/serve

.PHONY: help demo test check unit fuzz emulators deny bench rust

help: ## What there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

demo: rust ## Audit a sample account in emulators of AWS on this machine
	@localstack/serve --install & installing=$$!; \
	cargo build --locked || { kill $$installing 2>/dev/null; exit 1; }; \
	wait $$installing
	@localstack/serve --seed localstack/seed.py -- $(SIXPILLARS) scan \
		--regions $(REGIONS) --policy localstack/policy.yaml --allow-paid 1 \
		--format text,json,ndjson,markdown,csv,ocsf,asff,sarif,junit,prometheus --output $(REPORT)

test: check unit emulators deny ## Everything that has to hold before a change goes in

check: rust ## Format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

unit: rust ## Tests that need nothing but this machine
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --no-fail-fast; \
	else \
		cargo test --locked --no-fail-fast; \
	fi

fuzz: rust ## Hostile files: the fuzz targets' corpora, and ten seconds of fuzzing each
	fuzz/run 10

emulators: rust ## Tests against LocalStack and moto
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

bench: rust ## How close a scan comes to the fastest possible one: docs/benchmarks.md
	cargo bench --locked --bench scan
	cargo bench --locked --no-default-features --bench judge

# Cargo refuses an older compiler too, but only crate by crate and without saying what to do.
rust:
	@command -v cargo >/dev/null || { echo "Rust is missing: install $(RUST) or newer from https://rustup.rs" >&2; exit 2; }
	@found=$$(rustc --version | cut -d' ' -f2); \
	oldest=$$(printf '%s\n' "$(RUST)" "$${found%%-*}" | sort -t. -k1,1n -k2,2n -k3,3n | head -1); \
	[ "$$oldest" = "$(RUST)" ] || { echo "Rust $$found is too old, $(RUST) or newer is needed: rustup update stable" >&2; exit 2; }
