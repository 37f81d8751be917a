#!/usr/bin/env bash
# Installs the packages of the user interface, where the lock file asks for others than are there,
# and builds it into ui/dist.
set -euo pipefail
cd "$(dirname "$0")/../ui"

# npm writes the second file last.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund
fi
npm run --silent build
