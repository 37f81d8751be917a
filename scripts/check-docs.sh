#!/usr/bin/env bash
# Every code that a program can meet is explained in docs/errors.md.
set -euo pipefail
cd "$(dirname "$0")/.."

codes() {
  grep -o '"[a-z][a-z-]*"' ui/src/api/generated/FailureCode.ts
  # Refused::new(kind, "code", …), on one line or several.
  find crates/controller/src -name '*.rs' -exec cat {} + | tr -s ' \n' ' ' |
    grep -oE 'Refused::new\( ?(RefusedKind::)?[A-Za-z]+, "[a-z-]+"' | grep -o '"[a-z-]*"'
}

status=0
while read -r code; do
  if ! grep -q "^| \`$code\` |" docs/errors.md; then
    echo "docs/errors.md does not explain the code $code" >&2
    status=1
  fi
done < <(codes | tr -d '"' | sort -u)
exit "$status"
