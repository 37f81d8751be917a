#!/usr/bin/env bash
# Checks that Rust and Node are there and new enough; says how to install them where they are not.
set -euo pipefail
cd "$(dirname "$0")/.."

rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -1)
node_wanted=20.19

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -1)" = "$2" ]; }

missing=0
complain() {
  printf '%s\n' "$@" >&2
  missing=1
}

rust_install="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
if ! command -v cargo >/dev/null; then
  complain "Rust is not installed. Install it with:" "    $rust_install"
else
  rust_found=$(rustc --version | cut -d' ' -f2)
  at_least "$rust_found" "$rust_wanted" ||
    complain "Rust $rust_found is too old; BFG-G needs $rust_wanted or later. Update it with:" \
      "    rustup update stable      (or install rustup: $rust_install)"
fi

node_install="see https://nodejs.org/en/download, or your system's package manager"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  complain "Node.js with npm is not installed. Install version 20 or later:" "    $node_install"
else
  node_found=$(node --version | tr -d v)
  at_least "$node_found" "$node_wanted" ||
    complain "Node.js $node_found is too old; BFG-G needs $node_wanted or later:" "    $node_install"
fi

exit "$missing"
