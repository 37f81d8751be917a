#!/usr/bin/env bash
# Compiles agent, controller and command line for Windows, without linking them.
set -euo pipefail
cd "$(dirname "$0")/.."

target=x86_64-pc-windows-gnu
scripts/install-packages.sh build windows
if command -v rustup >/dev/null; then rustup --quiet target add "$target"; fi
cargo check --locked --target "$target" -p bfgg-agent -p bfgg -p bfgg-controller
