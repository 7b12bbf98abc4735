#!/usr/bin/env bash
# What `meson install` puts on a machine is whole, and runs from where it was put.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
root=$(mktemp -d) && trap 'rm -rf "$root"' EXIT
failed=0
wrong() { echo "$*" && failed=1; }

DESTDIR=$root meson install --no-rebuild -C "$BUILD" >"$root/log" 2>&1 || { tail -n 20 "$root/log"; exit 1; }
prefix=$root$(meson introspect --buildoptions "$BUILD" |
  python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')

for file in bin/sekisho sbin/sekishod lib/sekisho/sekisho-sanitizer lib/systemd/system/sekisho.service \
  lib/sysusers.d/sekisho.conf lib/tmpfiles.d/sekisho.conf share/sekisho/examples/three-zones.rules \
  share/sekisho/examples/two-zones.rules share/sekisho/examples/everyday.rules; do
  [[ -s $prefix/$file ]] || wrong "not installed: $file"
done
for page in "$SOURCE"/docs/man/*.scd; do
  page=$(basename "$page" .scd)
  [[ -s $prefix/share/man/man${page##*.}/$page ]] || wrong "not installed: the man page $page"
done

"$prefix/sbin/sekishod" --help >/dev/null || wrong 'sekishod does not start from where it was installed'
"$prefix/bin/sekisho" check "$prefix/share/sekisho/examples/three-zones.rules" >/dev/null ||
  wrong 'sekisho does not check the installed example'
# The command finds the sanitizer beside it, as it was installed.
python3 "$SOURCE/tests/support/make_samples.py" "$root/samples"
"$prefix/bin/sekisho" sanitize "$root/samples/photo.jpg" -o "$root/photo.jpg" >/dev/null ||
  wrong 'sekisho sanitize does not work as installed'
for file in $(grep -oE '_share/sekisho/[a-z/.-]+_|_[a-z-]+\.rules_' "$SOURCE/docs/man/sekisho.rules.5.scd" | tr -d _ | sort -u); do
  [[ -e $prefix/$file || -e $prefix/share/sekisho/examples/$file ]] || wrong "sekisho.rules(5) names $file, which is not installed"
done
for user in $(awk '$1 == "u" {print $2}' "$prefix/lib/sysusers.d/sekisho.conf"); do
  "$prefix/sbin/sekishod" --help | grep -q "${user#sekisho-}" || wrong "sekishod knows no user $user"
done
if command -v systemd-analyze >/dev/null; then
  said=$(systemd-analyze verify "$prefix/lib/systemd/system/sekisho.service" 2>&1 |
    grep -vE 'is not executable|failed with code|^$')
  [[ -z $said ]] || wrong "the unit: $said"
fi
((failed)) || echo 'everything is in its place'
exit $failed
