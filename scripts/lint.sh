#!/usr/bin/env bash
# Formats, lints, licences and dependencies; changes nothing. Arguments name the parts (formats clippy
# dependencies); all if there are none.
set -euo pipefail
cd "$(dirname "$0")/.."

formats() {
  cargo fmt --all --check
  cargo fmt --manifest-path crates/gatling-log/fuzz/Cargo.toml --check
  (cd ui && npx --no-install biome ci . && npx --no-install biome ci --config-path=. ../tests/desktop ../tests/e2e ../tests/harness &&
    npx --no-install biome format --config-path=. ../crates/report/src/html ../scripts)
  scripts/check-docs.sh
}

clippy() { cargo clippy --locked --workspace --all-targets -- -D warnings; }

dependencies() {
  local tools
  tools=$(scripts/install-tools.sh cargo-deny)
  "$tools/cargo-deny" --locked check bans licenses sources
}

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(formats clippy dependencies); fi
for part in "${parts[@]}"; do
  case $part in
    formats | clippy | dependencies) "$part" ;;
    *) echo "unknown part: $part" >&2 && exit 2 ;;
  esac
done
