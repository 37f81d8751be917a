#!/usr/bin/env bash
# Times decoding, statistics and merging on large logs that it writes itself; see docs/performance.md.
# The first argument is the number of requests, 10 million if there is none; the logs need about
# 200 bytes for each.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --release --package bfgg-bench
exec "${CARGO_TARGET_DIR:-target}/release/bfgg-bench" "$@"
