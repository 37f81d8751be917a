#!/usr/bin/env bash
# A controller and agents under load, with random faults: totals stay exact, nothing grows.
# SOAK_MINUTES says for how long (30), SOAK_SEED makes the same faults again.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --workspace --bin soak --bin testkit-agent --bin fake-gatling
exec "${CARGO_TARGET_DIR:-target}/debug/soak"
