#!/usr/bin/env bash
# `make demo`: builds both programs and the town, and lets it live in namespaces of its own until Ctrl-C.
# `run.sh 127.0.0.1:9999` lets the browser in at another port.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --locked --bins --example town

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
# A private /run hides systemd, D-Bus and container engines: what the town stops or starts, it can only be its own.
exec "${as_root[@]}" unshare --mount --pid --fork --kill-child --mount-proc \
  bash -c 'mount -t tmpfs -o mode=0755 tmpfs /run && exec "$@"' town "$PWD/target/debug/examples/town" "$@"
