#!/usr/bin/env bash
# Times decoding, statistics and merging on large logs that it writes itself, then a report and its
# opening in Chromium, then what the probe costs Gatling; see docs/performance.md. The first argument is the number of requests, 10 million
# if there is none; the logs need about 200 bytes for each.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --release --package bfgg-bench --package bfgg
programs=${CARGO_TARGET_DIR:-target}/release
"$programs/bfgg-bench" "$@"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
requests=${1:-10000000}
"$programs/bfgg-bench" write binary "$requests" 1 "$folder/simulation.log" 3600
touch "$folder/bfgg.toml"
start=$(date +%s%N)
"$programs/bfgg" --config "$folder/bfgg.toml" report "$folder/simulation.log" --out "$folder/report" >/dev/null 2>&1
echo
echo "bfgg report: $requests requests of an hour in $((($(date +%s%N) - start) / 1000000)) ms"
node scripts/bench-report.mjs "$folder/report/report.html"
echo
node scripts/bench-probe.mjs
