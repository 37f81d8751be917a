#!/usr/bin/env bash
# Times decoding, statistics and merging on large logs that it writes itself, then a report, its opening
# in Chromium, Gatling's own report beside it, what the probe costs Gatling, how late and how costly live
# figures are, and how fast a folder reaches the agents; see docs/performance.md.
# BENCH_HOURS says how much of a day's load is told to a controller, 2 if it is not set.
# The first argument is the number of requests, 10 million if there is none; the logs need about 300 bytes
# for each.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --release --package bfgg-bench --package bfgg
programs=${CARGO_TARGET_DIR:-target}/release
requests=${1:-10000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$programs/bfgg-bench" "$requests" "$folder/logs"

touch "$folder/bfgg.toml"
bfgg() { "$programs/bfgg" --config "$folder/bfgg.toml" "$@" >/dev/null 2>&1; }
"$programs/bfgg-bench" write binary "$requests" 1 "$folder/simulation.log" 3600
start=$(date +%s%N)
bfgg report "$folder/simulation.log" --out "$folder/report"
echo
echo "bfgg report: $requests requests of an hour in $((($(date +%s%N) - start) / 1000000)) ms"
node scripts/bench-report.mjs "$folder/report/report.html"

"$programs/bfgg-bench" write binary "$requests" 1 "$folder/simulation.log"
node scripts/bench-gatling.mjs "$programs" "$folder/simulation.log" "$folder"

echo
node scripts/bench-probe.mjs

echo
cargo build --locked --release --package bfgg-testkit --bin bench-live --bin testkit-agent --bin fake-gatling \
  --bin fake-agents
"$programs/bench-live"
"$programs/bench-live" day "${BENCH_HOURS:-2}"
scripts/bench-collect.sh "$programs"

echo
cargo build --locked --release --package bfgg-agent
PROGRAMS=$(realpath "$programs") node scripts/bench-lan.mjs

echo
PROGRAMS=$(realpath "$programs") node scripts/bench-folder.mjs
