#!/usr/bin/env bash
# Builds the Cargo tools named on the command line into target/tools, where they are not there yet
# in the version wanted, and prints the folder to put on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD/target/tools

version_of() {
  case $1 in
    cargo-deny) echo 0.20.2 ;;
    cargo-fuzz) echo 0.13.2 ;;
    tauri-driver) echo 2.1.0 ;;
    *) echo "unknown tool: $1" >&2 && return 1 ;;
  esac
}

for tool in "$@"; do
  version=$(version_of "$tool")
  # Cargo keeps a list of what it installed below a root.
  if [ -x "$root/bin/$tool" ] && grep -q "\"$tool $version" "$root/.crates.toml" 2>/dev/null; then
    continue
  fi
  echo "Building $tool $version (once)" >&2
  # Its own target folder: our profile must not be rebuilt for it. Not optimized: building it would
  # take longer than it ever runs.
  CARGO_TARGET_DIR=$(mktemp -d)
  export CARGO_TARGET_DIR
  # Others' code is not ours to lint.
  unset RUSTC_WORKSPACE_WRAPPER
  CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --debug --root "$root" "$tool" --version "$version" >&2
  rm -rf "$CARGO_TARGET_DIR"
done
echo "$root/bin"
