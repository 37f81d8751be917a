#!/usr/bin/env bash
# Fetches what the sample projects need from Maven's repository, so that the tests need not wait.
set -euo pipefail
cd "$(dirname "$0")/.."

mvn --batch-mode --quiet --file tests/sample-project/pom.xml test-compile
