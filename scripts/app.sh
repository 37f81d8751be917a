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
packages=(-p bfgg-desktop -p bfgg-agent -p bfgg)
if [ "$profile" = dev ]; then
  programs=target/debug
  # With the same features as the tests, so that nothing is built twice.
  packages=(--workspace --all-targets)
fi
cargo build --locked --profile "$profile" "${packages[@]}"
exec "$programs/bfgg-desktop" "$@"
