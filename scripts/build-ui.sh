#!/usr/bin/env bash
# Installs the packages of the user interface, where the lock file asks for others than are there,
# and builds it into ui/dist, unless that was built from the same sources: what is written again
# looks new to Cargo, which then builds again all that embeds it.
set -euo pipefail
cd "$(dirname "$0")/../ui"

# npm writes the second file last.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund
fi

digest() { find "$@" -type f -exec cksum {} + | LC_ALL=C sort -k 3 | cksum; }

sources() { digest . \( -name node_modules -o -path ./dist -o -name '*.tsbuildinfo' \) -prune -o; }
# The packages' folder is made anew with other packages.
stamp=node_modules/.built-from

before=$(sources)
if [ -d dist ] && [ "$(cat "$stamp" 2>/dev/null)" = "$before $(digest dist)" ]; then exit 0; fi
npm run --silent build
echo "$before $(digest dist)" >"$stamp"
