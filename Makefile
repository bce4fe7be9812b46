# Two commands matter: `make run` and `make test`. `make` alone lists all.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CARGO ?= cargo

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build, install what is missing, start helper and panel on this machine, print address and setup link
	@packaging/run.sh

.PHONY: demo
demo: ## A little town with real traffic behind a panel, in namespaces of its own: to try, without touching this machine
	@demo/run.sh

.PHONY: test
test: ## Install what the tests need and run all of them
	@tests/install.sh
	@$(MAKE) --no-print-directory check deny doc
	$(CARGO) test --locked --test integration -- --test-threads=4 $(TESTS)

.PHONY: check
check: ## Format, lints on both feature sets, unit tests: before every commit
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features --lib --bin portreeve-helper -- -D warnings
	$(CARGO) test --locked --lib
	$(CARGO) test --locked --test integration -- architecture mirror

.PHONY: deny
deny: ## Licences, banned and doubled dependencies
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny@0.20.2
	@$(CARGO) fetch --locked --quiet
	$(CARGO) deny --offline check licenses bans sources

.PHONY: doc
doc: ## Build the developers' documentation, warnings denied
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" $(CARGO) doc --locked --no-deps --document-private-items --lib

.PHONY: bench
bench: ## Measure against peers in one run; results also in target/bench.jsonl
	@tests/install.sh
	@# Most benches need nothing of the panel, so they don't wait for it to be built.
	$(CARGO) bench --locked --no-default-features --bench listeners --bench rules --bench sets --bench exposure
	$(CARGO) bench --locked --bench connections --bench blocked --bench nflog
	$(CARGO) build --locked --release --bin portreeve --bin portreeve-helper
	@benches/flood.sh

.PHONY: helper
helper: ## Build the helper as it ships: without the panel's code and dependencies
	$(CARGO) build --locked --release --no-default-features --bin portreeve-helper

.PHONY: reference
reference: ## Write docs/commands.md anew from the command line's definition
	$(CARGO) run --quiet --locked --example manual -- target/manual docs/commands.md

.PHONY: deb
deb: ## Build the Debian package, target/portreeve_*.deb
	@packaging/deb.sh

.PHONY: mutation
mutation: ## Break the compiled rules in 240 small ways and print how many the kernel tests notice
	PORTREEVE_MUTANTS=30 $(CARGO) test --locked --test integration kernel::mutation -- --nocapture

.PHONY: fuzz
fuzz: ## Fuzz each decoder for a minute
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	@for target in $$(cd fuzz && ls fuzz_targets | sed 's/\.rs$$//'); do \
	  RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir fuzz $$target -- -max_total_time=60 || exit 1; done
