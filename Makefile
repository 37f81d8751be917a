# `make` alone lists the targets. The work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help demo test soak fuzz bench app lint fmt build audit check-windows clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## A whole distributed run on this machine: two agents, one result
	@scripts/demo.sh

test: ## Run every test: Rust, UI, end to end, window, browser
	@scripts/test.sh

soak: ## Runs with random faults for 30 minutes (SOAK_MINUTES, SOAK_SEED)
	@scripts/soak.sh

fuzz: ## Feed the log decoder with made-up inputs (needs nightly Rust)
	@scripts/fuzz.sh

bench: ## Time decoding, statistics, merging and reports on large logs, and live runs
	@scripts/bench.sh

app: ## Build and open the desktop app
	@scripts/app.sh

lint: ## Check formats, lints, licences and dependencies
	@scripts/lint.sh

fmt: ## Format all sources
	@scripts/fmt.sh

build: ## Build everything for development
	@scripts/build.sh

audit: ## Look for known vulnerabilities in the dependencies
	@scripts/audit.sh

check-windows: ## Check that agent, controller and command line compile for Windows
	@scripts/check-windows.sh

clean: ## Remove all that was built
	@cargo clean
	@rm -rf ui/dist ui/node_modules gen permissions
