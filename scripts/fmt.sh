#!/usr/bin/env bash
# Formats all sources.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all
cargo fmt --manifest-path crates/gatling-log/fuzz/Cargo.toml
cd ui
npx --no-install biome check --write .
npx --no-install biome check --write --config-path=. ../tests/desktop ../tests/e2e ../tests/harness
npx --no-install biome format --write --config-path=. ../crates/report/src/html ../scripts
