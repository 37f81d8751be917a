#!/usr/bin/env bash
# Drives the real window by WebDriver, on a display and a session bus of its own. Arguments go to
# `node --test`; FILES names the tests if not all are meant. Logs and screenshots: target/test/window.
set -euo pipefail
cd "$(dirname "$0")/../.."

artifacts=target/test/window
mkdir -p "$artifacts"
number=$(mktemp)

# The X server picks a free display and writes its number.
Xvfb -displayfd 3 -screen 0 1400x900x24 -nolisten tcp 3>"$number" >"$artifacts/xvfb.log" 2>&1 &
server=$!
cleanup() {
  # The window manager ends with the display.
  kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -f "$number"
}
trap cleanup EXIT

for _ in $(seq 100); do
  if [ -s "$number" ]; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.1
done
if [ ! -s "$number" ]; then
  echo "Xvfb did not start; see $artifacts/xvfb.log" >&2
  exit 1
fi

DISPLAY=:$(cat "$number")
export DISPLAY
unset WAYLAND_DISPLAY
# Closes windows and gives them the keyboard, as a desktop does.
openbox >"$artifacts/openbox.log" 2>&1 &
# The bus's own complaints are of no interest here.
# shellcheck disable=SC2086
dbus-run-session -- node --test --test-concurrency=1 "$@" ${FILES:-tests/desktop/*.test.mjs} 2>"$artifacts/session.log"
