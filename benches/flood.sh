#!/usr/bin/env bash
# How fast the sign-in page answers, and how much memory the panel takes, while packets of forged sources are dropped as
# fast as one sender can send them; against the same without the flood, in one run. Real helper, real panel, two network
# namespaces on one wire. Needs root, nft, hping3, curl. Overridable: PORTREEVE_PROGRAMS (default target/release), SECONDS_OF_FLOOD.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=${PORTREEVE_PROGRAMS:-target/release}
seconds=${SECONDS_OF_FLOOD:-20}
host=prk-flood-$$
peer=$host-peer
dir=$(mktemp -d)
started=()

clean() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ip netns del "$host" 2>/dev/null || true
  ip netns del "$peer" 2>/dev/null || true
  rm -rf "$dir"
}
trap clean EXIT

# Both programs by their own copies: the panel's user must be able to read them.
chmod 755 "$dir"
cp "$programs/portreeve" "$programs/portreeve-helper" "$dir/"
mkdir "$dir/helper" "$dir/panel"
chown nobody "$dir/panel"

ip netns add "$host"
ip netns add "$peer"
ip -n "$host" link set lo up
ip -n "$host" link add wire type veth peer name wire netns "$peer"
for end in "$host 10.96.0.1/24" "$peer 10.96.0.2/24"; do
  read -r name address <<<"$end"
  ip -n "$name" addr add "$address" dev wire
  ip -n "$name" link set wire up
done
# Without a route back, forged sources would be dropped as such, before the line that this is about.
ip -n "$host" route add default via 10.96.0.2

on_host() { ip netns exec "$host" "$@"; }
ip netns exec "$host" "$dir/portreeve-helper" serve --socket "$dir/run/helper.sock" --state-dir "$dir/helper" --panel-user nobody &
started+=($!)
until [ -S "$dir/run/helper.sock" ]; do sleep 0.1; done
printf '[[rules]]\nid = 1\naction = "allow"\ndirection = "in"\nto = ["8470/tcp"]\n' >"$dir/rules.toml"
on_host "$dir/portreeve" rules apply --yes --socket "$dir/run/helper.sock" "$dir/rules.toml" >/dev/null
on_host "$dir/portreeve" confirm --socket "$dir/run/helper.sock" >/dev/null
ip netns exec "$host" setpriv --reuid nobody --regid nogroup --clear-groups "$dir/portreeve" serve --listen 10.96.0.1:8470 \
  --state-dir "$dir/panel" --helper-socket "$dir/run/helper.sock" >/dev/null 2>&1 &
panel=$!
started+=($panel)

page=https://10.96.0.1:8470/sign-in
# From the host itself: what counts is the panel's work, not what the wire loses.
until on_host curl -ksSo /dev/null "$page" 2>/dev/null; do sleep 0.2; done
sleep 3

# Milliseconds of each answer over a new TLS connection, for so many seconds: median, 95 of 100, number.
ask() {
  local end=$((SECONDS + $1))
  while [ "$SECONDS" -lt "$end" ]; do
    on_host curl -kso /dev/null -w '%{time_total}\n' --max-time 10 "$page" || echo 10
    sleep 0.05
  done | sort -n | awk '{ t[NR] = $1 * 1000 } END { printf "p50 %.1f ms   p95 %.1f ms   of %d", t[int((NR + 1) / 2)], t[int(NR * 0.95 + 0.5)], NR }'
}

memory() { awk -v field="$1:" '$1 == field { printf "%.1f MB", $2 / 1000 }' "/proc/$panel/status"; }
dropped() { on_host nft list counter inet portreeve default-in | awk '/packets/ { print $2 }'; }

echo "quiet:   $(ask 5)   memory $(memory VmRSS)"
before=$(dropped)
ip netns exec "$peer" timeout "$((seconds + 1))" hping3 --flood --rand-source --udp -p 53 10.96.0.1 >/dev/null 2>&1 &
sleep 1
echo "flood:   $(ask "$seconds")   memory $(memory VmRSS)   dropped $((($(dropped) - before) / (seconds + 1)))/s"
wait $! || true
sleep 3
echo "after:   $(ask 5)   memory $(memory VmRSS), at most $(memory VmHWM)"
