#!/usr/bin/env bash
# Builds the desktop app with the agent and the command line, and opens it.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/require-tools.sh
scripts/install-packages.sh build window
scripts/build-ui.sh
cargo build --locked --release --workspace
exec target/release/bfgg-desktop "$@"
