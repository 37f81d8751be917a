#!/usr/bin/env bash
# Runs every test and prints how many passed, failed and were skipped, by suite and in sum.
# Arguments name the suites to run (rust ui browser e2e window); all if there are none.
#
# A Rust test that cannot run on this machine appends "its name: the reason" to the file that
# SKIPPED_TESTS names, and counts as skipped. Where CI is set, a skipped test is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

suites=("$@")
if [ ${#suites[@]} -eq 0 ]; then suites=(rust ui browser e2e window); fi

scripts/require-tools.sh
scripts/install-packages.sh build java window test
scripts/build-ui.sh

results=$PWD/target/test
rm -rf "$results"
mkdir -p "$results"
export SKIPPED_TESTS=$results/skipped.txt
: >"$SKIPPED_TESTS"

total_passed=0 total_failed=0 total_skipped=0
table=()

# count SUITE STATUS PASSED FAILED SKIPPED: a suite that failed without a failed test (it did not
# compile, or broke off) counts as one failure. The time is that since `began`.
count() {
  local failed=$4
  if [ "$2" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  table+=("$(printf '%-8s %5d passed %5d failed %5d skipped %6d s' "$1" "$3" "$failed" "$5" $((SECONDS - began)))")
  total_passed=$((total_passed + $3))
  total_failed=$((total_failed + failed))
  total_skipped=$((total_skipped + $5))
}

# Of builds of a few seconds, Java's second compiler costs more than it gains.
export MAVEN_OPTS=${MAVEN_OPTS--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}
export SBT_OPTS=${SBT_OPTS--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}

heading() { printf '\n== %s\n' "$1"; }

suite_rust() {
  local log=$results/rust.log status=0 passed failed ignored skipped
  node scripts/test-rust.mjs "$results/rust" 2>&1 | tee "$log" || status=$?
  read -r passed failed ignored < <(
    awk '/^test result:/ { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }' "$log"
  )
  skipped=$(wc -l <"$SKIPPED_TESTS")
  sed -n 's/^test \(.*\) \.\.\. ignored,\{0,1\} \{0,1\}/\1: /p' "$log" >>"$SKIPPED_TESTS"
  count rust "$status" $((passed - skipped)) "$failed" $((ignored + skipped))
}

# vitest SUITE ARGUMENT…: a suite of the user interface.
vitest() {
  local status=0 out=$results/$1.json passed=0 failed=0 skipped=0
  (cd ui && npx --no-install vitest run "${@:2}" --reporter=default --reporter=json \
    --outputFile.json="$out") || status=$?
  if [ -s "$out" ]; then
    read -r passed failed skipped < <(node -e '
      const fs = require("fs");
      const report = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
      const skipped = report.testResults.flatMap((file) => file.assertionResults)
        .filter((test) => !["passed", "failed"].includes(test.status));
      const lines = skipped.map((test) => `${test.fullName}: ${test.status}\n`);
      fs.appendFileSync(process.argv[2], lines.join(""));
      console.log(report.numPassedTests, report.numFailedTests, skipped.length);
    ' "$out" "$SKIPPED_TESTS")
  fi
  count "$1" "$status" "$passed" "$failed" "$skipped"
}

# The programs that the last suites start. With the tests, as Cargo would otherwise build the
# dependencies again without the features that only tests ask for.
programs() { cargo build --locked --workspace --all-targets; }

suite_ui() { vitest ui; }

suite_browser() {
  if ! programs; then
    count browser 1 0 0 0
    return
  fi
  vitest browser --config e2e/vitest.config.ts
}

# count_tap SUITE STATUS FILE: what `node --test` wrote.
count_tap() {
  local passed=0 failed=0 skipped=0
  if [ -s "$3" ]; then
    read -r passed failed skipped < <(
      awk '/^# pass / { p = $3 } /^# (fail|cancelled) / { f += $3 } /^# (skipped|todo) / { s += $3 }
           END { print p + 0, f + 0, s + 0 }' "$3"
    )
    sed -n 's/^ *ok [0-9]* - \(.*\) # \(SKIP\|TODO\) \{0,1\}/\1: /p' "$3" >>"$SKIPPED_TESTS"
  fi
  count "$1" "$2" "$passed" "$failed" "$skipped"
}

suite_e2e() {
  local status=0
  if ! programs; then
    count e2e 1 0 0 0
    return
  fi
  # Two files at a time, as most of a test's time is a run's.
  node --test --test-concurrency=2 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$results/e2e.tap" tests/e2e/*.test.mjs || status=$?
  count_tap e2e "$status" "$results/e2e.tap"
}

suite_window() {
  local status=0
  if ! programs || ! scripts/install-tools.sh tauri-driver >/dev/null; then
    count window 1 0 0 0
    return
  fi
  tests/desktop/run.sh --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$results/window.tap" || status=$?
  count_tap window "$status" "$results/window.tap"
}

for suite in "${suites[@]}"; do
  heading "$suite"
  began=$SECONDS
  "suite_$suite"
done

heading "sum"
printf '%s\n' "${table[@]}"
if [ "$total_skipped" -gt 0 ]; then
  echo "Skipped:"
  sed 's/^/  /' "$SKIPPED_TESTS"
fi
status=0
if [ "$total_failed" -gt 0 ]; then status=1; fi
if [ -n "${CI:-}" ] && [ "$total_skipped" -gt 0 ]; then
  echo "A skipped test fails CI."
  status=1
fi
echo
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
exit "$status"
