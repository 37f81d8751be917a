#!/usr/bin/env bash
# Times how logs are collected, beside scp: controller and agent in two network namespaces with a veth pair
# between them. Needs root. The first argument is the folder of the programs.
set -euo pipefail
programs=$(realpath "${1:?the folder of the programs}")
near=bfgg-near-$$
far=bfgg-far-$$

cleanup() {
  ip netns del "$near" 2>/dev/null || true
  ip netns del "$far" 2>/dev/null || true
}
trap cleanup EXIT

ip netns add "$near"
ip netns add "$far"
ip -n "$near" link add link0 type veth peer name link0 netns "$far"
address=1
for host in "$near" "$far"; do
  ip -n "$host" address add "10.77.0.$address/24" dev link0
  ip -n "$host" link set link0 up
  ip -n "$host" link set lo up
  address=$((address + 1))
done
ip netns exec "$near" "$programs/bench-live" collect "$far" 10.77.0.2
