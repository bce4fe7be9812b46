#!/usr/bin/env bash
# `make run`: builds both programs, makes the panel's user, starts helper and panel, and stops both on Ctrl-C.
# Overridable: PORTREEVE_LISTEN (default [::]:8470), PORTREEVE_PREFIX (default empty, put before every directory).
set -euo pipefail
cd "$(dirname "$0")/.."

listen=${PORTREEVE_LISTEN:-[::]:8470}
prefix=${PORTREEVE_PREFIX:-}
programs=$prefix/usr/local/libexec/portreeve
state=$prefix/var/lib/portreeve
helper_state=$prefix/var/lib/portreeve-helper
socket=$prefix/run/portreeve/helper.sock

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

missing=()
command -v cc >/dev/null || missing+=(build-essential)
command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
command -v setpriv >/dev/null || missing+=(util-linux)
command -v ip >/dev/null || [ -x /usr/bin/ip ] || missing+=(iproute2)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Two builds on purpose: the helper's has neither the panel's code nor its dependencies.
cargo build --locked --release --bin portreeve
cargo build --locked --release --no-default-features --bin portreeve-helper

id portreeve >/dev/null 2>&1 ||
  "${as_root[@]}" useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portreeve

"${as_root[@]}" install -d -m 0755 "$programs" "$(dirname "$socket")"
"${as_root[@]}" install -d -m 0700 "$helper_state"
"${as_root[@]}" install -d -m 0700 -o portreeve -g portreeve "$state"
"${as_root[@]}" install -m 0755 target/release/portreeve target/release/portreeve-helper "$programs/"
# The command `portreeve` in root's path, unless something else has that name.
[ -e "$prefix/usr/local/sbin/portreeve" ] ||
  { "${as_root[@]}" install -d -m 0755 "$prefix/usr/local/sbin"; "${as_root[@]}" ln -s "$programs/portreeve" "$prefix/usr/local/sbin/portreeve"; }

"${as_root[@]}" "$programs/portreeve-helper" serve --socket "$socket" --state-dir "$helper_state" --panel-user portreeve \
  --panel-port "${listen##*:}" &
helper=$!
stop() {
  trap - EXIT INT TERM
  "${as_root[@]}" kill -TERM "${panel:-}" "$helper" 2>/dev/null || true
  wait
}
trap stop EXIT INT TERM

for _ in $(seq 100); do
  [ -S "$socket" ] && break
  kill -0 "$helper" 2>/dev/null || { echo "The helper did not start; its message is above." >&2; exit 1; }
  sleep 0.1
done

"${as_root[@]}" setpriv --reuid portreeve --regid portreeve --clear-groups --inh-caps=-all --bounding-set=-all \
  --no-new-privs "$programs/portreeve" serve --listen "$listen" --state-dir "$state" --helper-socket "$socket" &
panel=$!
wait -n "$helper" "$panel"
