# Shared by deploy/quickstart, tests/run and bench/run: what is missing is installed, what is old is
# built.  Sourced by bash; SOURCE is the root of the source tree.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Packages of deploy/packages.txt needed for the given purposes, one a line.
packages_for() {
  local purposes=" $* " name purpose
  while read -r name purpose _; do
    case $name in '' | '#'*) continue ;; esac
    # A line without a purpose was added in haste: better one package too many.
    [[ -z $purpose || $purposes == *" $purpose "* ]] && printf '%s\n' "$name"
  done <"$SOURCE/deploy/packages.txt"
}

missing_packages() {
  local installed name
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p' | tr '\n' ' ') "
  for name in $(packages_for "$@"); do
    [[ $installed == *" $name "* ]] || printf '%s\n' "$name"
  done
}

# Long commands say now and then how far they are.  (Read line by line: an awk may keep lines to itself.)
apt_progress() {
  local line total='' unpacked=0 ready=0
  while read -r line; do
    case $line in
    *' newly installed, '*) total=${line#*, } && total=${total%% *} && say "   fetching $total packages" ;;
    'Unpacking '*) ((++unpacked % 60)) || say "   unpacked $unpacked of $total" ;;
    'Setting up '*) ((++ready % 60)) || say "   ready $ready of $total" ;;
    esac
  done
}
build_progress() {
  local line shown=0
  while read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    local step=${BASH_REMATCH[1]} steps=${BASH_REMATCH[2]}
    if ((steps > 20 && 10 * step / steps > shown)); then
      shown=$((10 * step / steps))
      say "   compiled $step of $steps"
    fi
  done
}

# Installs what is missing, and only that.  Services that come with a package (Postfix, nginx) are not
# started and not enabled: the zones run their own instances.
install_missing() {
  local missing blocker=/usr/sbin/policy-rc.d status=0 service log
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "these packages are missing: ${missing[*]} (no apt-get here)"
  [[ $EUID == 0 ]] || die "these packages are missing; as root run: apt-get install ${missing[*]}"
  say "installing ${#missing[@]} packages with apt, and what they need: ${missing[*]}"
  if [[ -e $blocker ]]; then blocker=; else
    printf '#!/bin/sh\nexit 101\n' >"$blocker" && chmod 755 "$blocker"
  fi
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  {
    apt-get -q -o Acquire::Retries=3 update &&
      apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends \
        "${missing[@]}"
  } 2>&1 | tee "$log" | apt_progress
  status=${PIPESTATUS[0]}
  ((status == 0)) || tail -n 20 "$log" >&2
  rm -f "$log"
  [[ -z $blocker ]] || rm -f "$blocker"
  ((status == 0)) || die "apt-get could not install the packages above (status $status)"
  for service in postfix nginx; do
    [[ " ${missing[*]} " == *" $service"* && -d /run/systemd/system ]] &&
      systemctl disable --quiet "$service" 2>/dev/null
  done
  return 0
}

# configure_tree DIR [meson options]: once, and again when man pages or packages came or went: the pages are found, not
# listed, and some programs are built only where their library is.
configure_tree() {
  local dir=$1 log status=0
  shift
  log=$(mktemp)
  if [[ ! -f $dir/build.ninja ]]; then
    meson setup "$dir" "$SOURCE" "$@" >"$log" 2>&1 || status=$?
  elif [[ $SOURCE/docs/man -nt $dir/build.ninja || /var/lib/dpkg/status -nt $dir/build.ninja ]]; then
    meson setup --reconfigure "$dir" "$SOURCE" >"$log" 2>&1 || status=$?
  fi
  ((status == 0)) || tail -n 60 "$log" >&2
  rm -f "$log"
  return "$status"
}

# compile_tree DIR [targets]: what is older than its source; what the compiler says is shown only when it fails.
compile_tree() {
  local dir=$1 log status=0
  shift
  log=$(mktemp)
  ninja -C "$dir" "$@" 2>&1 | tee "$log" | build_progress
  status=${PIPESTATUS[0]}
  ((status == 0)) || tail -n 60 "$log" >&2
  rm -f "$log"
  return "$status"
}

build_tree() { # build_tree DIR [meson options]
  configure_tree "$@" && compile_tree "$1"
}

# build_programs DIR [FOLDER]: only what is installed, and the programs of a folder of the source tree: half the time of all.
build_programs() {
  local programs
  configure_tree "$1" --buildtype=release && mapfile -t programs < <(meson introspect --targets "$1" | python3 -c '
import json, os, sys
for target in json.load(sys.stdin):
    if target["type"] == "executable" and (target["installed"] or target["defined_in"].startswith(sys.argv[2] + "/")):
        print(os.path.relpath(target["filename"][0], sys.argv[1]))' "$1" "$SOURCE/${2:-none}") &&
    compile_tree "$1" "${programs[@]}"
}

# The programs of the unit tests, as ninja names them.
unit_programs() {
  meson introspect --tests "$1" | python3 -c '
import json, os, sys
words = {os.path.relpath(word, sys.argv[1]) for test in json.load(sys.stdin) for word in test["cmd"] if word[0] == "/"}
print("\n".join(word for word in words if not word.startswith("..")))' "$1"
}
