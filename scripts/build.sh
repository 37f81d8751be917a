#!/usr/bin/env bash
# Builds everything for development, with one profile and one set of features: `--workspace` and
# `--all-targets` always, as Cargo would otherwise build the same crates again with other features.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/require-tools.sh
scripts/install-packages.sh build window
scripts/build-ui.sh
cargo build --locked --workspace --all-targets
