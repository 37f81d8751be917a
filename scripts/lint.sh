#!/usr/bin/env bash
# Formats, lints, licences and dependencies; changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo fmt --manifest-path crates/gatling-log/fuzz/Cargo.toml --check
(cd ui && npx --no-install biome ci . && npx --no-install biome ci --config-path=. ../tests/desktop ../tests/e2e ../tests/harness &&
  npx --no-install biome format --config-path=. ../crates/report/src/html ../scripts)
scripts/check-docs.sh
# Not where Clippy compiles the programs: .ci/run.
[ "${RUSTC_WORKSPACE_WRAPPER:-}" = clippy-driver ] || cargo clippy --locked --workspace --all-targets -- -D warnings
"$(scripts/install-tools.sh cargo-deny)"/cargo-deny --locked check bans licenses sources
