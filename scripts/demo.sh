#!/usr/bin/env bash
# A whole distributed run on this machine: a target, a controller, two agents, real Gatling.
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests use what they have built: PROFILE=dev.
profile=${PROFILE:-release}
programs=target/$profile
if [ "$profile" = dev ]; then programs=target/debug; fi

packages=(-p bfgg-agent -p bfgg)
groups=(build java)
window_flags=()
# The window only where it can be seen.
case $(uname -s) in
  Linux) if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then window=yes; fi ;;
  *) window=yes ;;
esac
if [ "${window:-no}" = yes ]; then
  packages+=(-p bfgg-desktop)
  groups+=(window)
  window_flags=(--window "$programs/bfgg-desktop")
  # For whoever sits in front of it the window stays open until it is closed.
  if [ -t 0 ] && [ -t 2 ]; then window_flags+=(--keep-open); fi
fi

# With the same features as the tests, so that nothing is built twice.
if [ "$profile" = dev ]; then packages=(--workspace --all-targets); fi

scripts/require-tools.sh
scripts/install-packages.sh "${groups[@]}"
scripts/build-ui.sh
cargo build --locked --profile "$profile" "${packages[@]}"
exec "$programs/bfgg" demo "${window_flags[@]}" "$@"
