#!/usr/bin/env bash
# What quickstart and bench/run compile is what they run, and a package that comes later is seen.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=../../deploy/lib.sh
. "$SOURCE/deploy/lib.sh"
SOURCE=$(mktemp -d) && trap 'rm -rf "$SOURCE"' EXIT # a project that is compiled in a moment
mkdir -p "$SOURCE/docs/man" "$SOURCE/bench"
echo 'int main() {}' | tee "$SOURCE/main.cc" >"$SOURCE/bench/main.cc"
cat >"$SOURCE/meson.build" <<'M'
project('few', 'cpp')
executable('shipped', 'main.cc', install: true)
executable('tested', 'main.cc')
subdir('bench')
M
echo "executable('measured', 'main.cc')" >"$SOURCE/bench/meson.build"
build=$SOURCE/build
failed=0
is_built() { # is_built WHAT PROGRAM…: those, and no other
  local built
  built=$(cd "$build" && find . -type f -perm -u+x ! -path './meson-*' -printf '%f ' | xargs -n1 | sort | xargs)
  [[ $built == "${*:2}" ]] || { echo "$1: built are '$built', not '${*:2}'"; failed=1; }
}

build_programs "$build" >/dev/null && is_built 'what is installed' shipped
build_programs "$build" bench >/dev/null && is_built 'and a folder' measured shipped
build_tree "$build" >/dev/null && is_built 'everything' measured shipped tested
touch -d '2000-01-01' "$SOURCE/docs/man"
touch -d '2001-01-01' "$build/build.ninja" # older than any package
configure_tree "$build"
[[ $build/build.ninja -nt /var/lib/dpkg/status ]] || { echo 'a package that came later was not looked for'; failed=1; }
((failed)) || echo 'as it should be'
exit $failed
