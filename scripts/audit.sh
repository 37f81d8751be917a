#!/usr/bin/env bash
# Known vulnerabilities in the dependencies of Rust and of the user interface. Both ask a database
# on the network; where it does not answer, that is said, and counts as neither good nor bad.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

status=0

deny=$(scripts/install-tools.sh cargo-deny)/cargo-deny || exit 1
if output=$("$deny" --locked fetch db 2>&1); then
  "$deny" --locked check advisories --disable-fetch || status=1
else
  printf '%s\n' "$output" | tail -3
  echo "Rust: the advisory database could not be reached; nothing was checked."
fi

cd ui || exit 1
if output=$(npm audit --json 2>/dev/null); grep -q '"auditReportVersion"' <<<"$output"; then
  npm audit || status=1
else
  echo "npm: the audit service could not be reached; nothing was checked."
fi
exit "$status"
