#!/usr/bin/env bash
# What a memory error meets in each program (docs/threat-model.md): whatever the compiler's defaults are.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
failed=0

has() { # PROGRAM WHAT PATTERN READELF-OPTION
  readelf -W "$4" "$1" 2>/dev/null | grep -Eq -- "$3" && return
  echo "$(basename "$1"): no $2"
  failed=1
}
has_not() {
  readelf -W "$4" "$1" 2>/dev/null | grep -Eq -- "$3" || return
  echo "$(basename "$1"): $2"
  failed=1
}

for program in gateway/cli/sekisho gateway/role/sekishod sanitizer/worker/sekisho-sanitizer sanitizer/office/sekisho-office; do
  program=$BUILD/$program
  [[ -x $program ]] || { [[ $program == *office ]] && continue; echo "not built: $program"; failed=1; continue; }
  has "$program" 'position of its own at each start' 'Type:.*DYN' --file-header
  has "$program" 'tables of functions made unwritable' 'GNU_RELRO' --program-headers
  has "$program" 'functions found before it begins' '\(FLAGS_1\).*NOW' --dynamic
  has "$program" 'canaries on the stack' '__stack_chk_fail' --dyn-syms
  [[ $program == *office ]] || # it calls nothing that could be checked
    has "$program" 'bounds in the C library' ' __[a-z]+_chk@' --dyn-syms # not __stack_chk_fail
  has "$program" 'bounds in the C++ library' '__glibcxx_assert_fail' --dyn-syms
  has_not "$program" 'the stack can be executed' 'GNU_STACK.* RWE' --program-headers
  has_not "$program" 'memory that can be written and executed' 'LOAD.* RWE' --program-headers
  has_not "$program" 'libraries from a folder of its own' '\((RPATH|RUNPATH)\)' --dynamic
done
((failed)) || echo 'all programs are hardened'
exit $failed
