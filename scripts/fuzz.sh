#!/usr/bin/env bash
# Feeds the log decoder, the assertions and the merge with inputs that a fuzzer makes up, starting
# from the sample logs. The first argument is how many seconds each gets, 60 if there is none; those
# after it are the targets, all of them if there is none. What it found stays in target/fuzz, where
# the next run goes on. It needs Rust's nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(decode assertion merge)

if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "Fuzzing needs the nightly toolchain: rustup toolchain install nightly" >&2
  exit 1
fi
tools=$(scripts/install-tools.sh cargo-fuzz)
fuzz=$PWD/target/fuzz
samples=crates/gatling-log/tests/samples
seeds=$fuzz/seeds
rm -rf "$seeds"
mkdir -p "$seeds"/{decode,assertion,merge}

# A byte for the pieces after the log; two logs with offsets of 0 and a border in between.
for log in "$samples"/*/simulation.log; do
  name=$(basename "$(dirname "$log")")
  { head -c 6000 "$log" && printf '\377'; } >"$seeds/decode/$name"
  # The numbers are little endian and precede the logs: two offsets, the piece's size, the border.
  { printf '\0\0\0\0\377\270\13' && head -c 3000 "$log" && head -c 3000 "$samples/3.16.0/simulation.log"; } \
    >"$seeds/merge/$name"
  # Binary logs have none of these lines.
  { grep -a '^ASSERTION' "$log" || true; } | cut -f2 | while read -r assertion; do
    base64 -d <<<"$assertion" >"$seeds/assertion/$(cksum <<<"$assertion" | cut -d' ' -f1)"
  done
done

status=0
for target in "${targets[@]}"; do
  mkdir -p "$fuzz/corpus/$target" "$fuzz/artifacts/$target"
  # One GB at most, which the sanitizer takes part of, and no single piece of memory above 100 MB.
  PATH=$tools:$PATH CARGO_TARGET_DIR=$fuzz/build cargo +nightly fuzz run --fuzz-dir crates/gatling-log/fuzz \
    "$target" "$fuzz/corpus/$target" "$seeds/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=100 -max_len=16384 \
    -verbosity=0 -print_final_stats=1 -artifact_prefix="$fuzz/artifacts/$target/" || status=1
done
exit "$status"
