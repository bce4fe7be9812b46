#!/usr/bin/env bash
# Builds target/portreeve_VERSION_ARCHITECTURE.deb: both programs, units, user and maintainer scripts.
# `deb.sh dev` takes the quick build of the tests instead of the release. The same source gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
case $profile in
  release) output=release panel_target=target/deb ;;
  dev) output=debug panel_target=target ;;
  *) echo "usage: $0 [release|dev]" >&2; exit 2 ;;
esac
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
architecture=$(dpkg --print-architecture)
grep -q "^portreeve ($version) " packaging/deb/changelog ||
  { echo "packaging/deb/changelog says nothing of version $version" >&2; exit 1; }

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"

# Before RUSTFLAGS are set: manual and completions are the same whatever compiles them.
cargo run --quiet --locked --example manual -- "$tree/usr/share"
find "$tree/usr/share/man" -type f -exec gzip -9n {} +

# The helper is built alone and in a directory of its own: in one directory the two feature sets overwrite each other.
if [ "$profile" = release ]; then
  # Where the builder keeps source and registry must not show in the programs.
  export RUSTFLAGS="--remap-path-prefix=$PWD=/portreeve --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
fi
cargo build --quiet --locked --profile "$profile" --target-dir "$panel_target" --bin portreeve
cargo build --quiet --locked --profile "$profile" --target-dir target/deb-helper --no-default-features --bin portreeve-helper

install -D -m 0755 "$panel_target/$output/portreeve" "$tree/usr/bin/portreeve"
install -D -m 0755 "target/deb-helper/$output/portreeve-helper" "$tree/usr/libexec/portreeve/portreeve-helper"
install -D -m 0644 -t "$tree/usr/lib/systemd/system" packaging/portreeve{.service,-helper.socket,-helper.service,-restore.service}
install -D -m 0644 packaging/portreeve.toml "$tree/etc/portreeve/portreeve.toml"
install -D -m 0644 packaging/portreeve.sysusers "$tree/usr/lib/sysusers.d/portreeve.conf"
install -D -m 0644 -t "$tree/usr/share/doc/portreeve" README.md packaging/deb/copyright
install -D -m 0644 -t "$tree/usr/share/doc/portreeve/docs" docs/*.md
gzip -9n <packaging/deb/changelog | install -D -m 0644 /dev/stdin "$tree/usr/share/doc/portreeve/changelog.gz"
install -D -m 0755 -t "$tree/DEBIAN" packaging/deb/{postinst,prerm,postrm}
echo /etc/portreeve/portreeve.toml >"$tree/DEBIAN/conffiles"
[ "$profile" = release ] || strip "$tree/usr/bin/portreeve" "$tree/usr/libexec/portreeve/portreeve-helper"

# dpkg-shlibdeps wants a source package around it.
mkdir "$tree/debian" && touch "$tree/debian/control"
libraries=$(cd "$tree" && dpkg-shlibdeps -O usr/bin/portreeve usr/libexec/portreeve/portreeve-helper 2>/dev/null)
rm -r "$tree/debian"
size=$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@DEPENDS@/${libraries#*=}/" \
  packaging/deb/control >"$tree/DEBIAN/control"
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

# Xz with one thread: with more, the bytes depend on the machine.
package=target/portreeve_${version}_$architecture.deb
compression=(-Zxz --threads-max=1)
if [ "$profile" = dev ]; then
  package=target/deb-helper/portreeve_${version}_dev_$architecture.deb
  compression=(-Znone)
fi
# Every file carries the time of the last commit, so that building later changes nothing. Set only now: build scripts
# look at it too, and would compile all anew for the tests. Without a repository the times say nothing.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group "${compression[@]}" --build "$tree" "$package" >/dev/null
echo "$package"
