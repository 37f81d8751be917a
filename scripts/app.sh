#!/usr/bin/env bash
# Builds the desktop app with the agent and the command line, and opens it.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/require-tools.sh
scripts/install-packages.sh build window
scripts/build-ui.sh
# The tests use what they have built: PROFILE=dev.
profile=${PROFILE:-release}
programs=target/$profile
if [ "$profile" = dev ]; then programs=target/debug; fi
cargo build --locked --profile "$profile" -p bfgg-desktop -p bfgg-agent -p bfgg
exec "$programs/bfgg-desktop" "$@"
