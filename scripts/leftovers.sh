#!/usr/bin/env bash
# Fails if a process is left that was started under this CI run, and names it. Such processes have
# STARTED_BY_CI in their environment; this script, its parents and its children do not count.
set -euo pipefail

if [ -z "${STARTED_BY_CI:-}" ] || [ ! -d /proc/self ]; then exit 0; fi

parent_of() { sed -n 's/^PPid:\t//p' "/proc/$1/status" 2>/dev/null; }

own=" "
pid=$$
while [ -n "$pid" ] && [ "$pid" -gt 1 ]; do
  own+="$pid "
  pid=$(parent_of "$pid")
done

left() {
  local folder pid
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    case $own in *" $pid "*) continue ;; esac
    # This shell's own children.
    if [ "$(parent_of "$pid")" = "$$" ] || [ "$(parent_of "$pid")" = "$BASHPID" ]; then continue; fi
    if grep -qz "^STARTED_BY_CI=$STARTED_BY_CI\$" "$folder/environ" 2>/dev/null; then
      echo "  $pid $(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null | cut -c1-150)"
    fi
  done
}

# What was told to end just now may take a moment.
for _ in $(seq 20); do
  found=$(left)
  if [ -z "$found" ]; then exit 0; fi
  sleep 0.5
done
printf 'Processes are left:\n%s\n' "$found" >&2
exit 1
