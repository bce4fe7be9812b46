#!/usr/bin/env bash
# Installs what the tests need on Debian 12: network namespaces, nftables, a scanner, a browser and
# a whole host to boot.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" >/dev/null || packages+=("$2"); }
need ip iproute2
need nft nftables
need nmap nmap
need ssh openssh-client
need hping3 hping3
need ulogd ulogd2
need conntrack conntrack
need ipset ipset
need iptables-nft-save iptables
need ufw ufw
need chromium chromium
need chromedriver chromium-driver
need python3 python3
need setpriv util-linux
need cc build-essential
need make make
need npm npm
need curl curl
need openssl openssl
need debootstrap debootstrap
need systemd-nspawn systemd-container
need dpkg-shlibdeps dpkg-dev

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
if [ "${#packages[@]}" -gt 0 ]; then
  echo "Installing ${packages[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# axe-core finds accessibility faults in the browser tests. It isn't shipped.
axe=target/tools/axe-core-4.14.1/axe.min.js
if [ ! -s "$axe" ]; then
  mkdir -p target/tools
  (cd target/tools && npm pack --silent axe-core@4.14.1 >/dev/null && mkdir -p axe-core-4.14.1 \
    && tar -xzf axe-core-4.14.1.tgz -C axe-core-4.14.1 --strip-components=1 package/axe.min.js && rm axe-core-4.14.1.tgz)
fi
echo "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c  $axe" | sha256sum --check --quiet
