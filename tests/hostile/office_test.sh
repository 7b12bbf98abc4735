#!/usr/bin/env bash
# H3: Word, Excel, PowerPoint, OpenDocument and RTF files of the corpus through LibreOffice and the file worker: each comes
# back in time, as office.golden says.  Every 16th file; all of them with SEKISHO_ALL=1 (minutes), which with
# SEKISHO_ACCEPT=1 writes office.golden anew.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
corpus=${SEKISHO_CORPUS:-$source_root/../shared/corpus}
golden=$source_root/tests/hostile/office.golden
[ -d "$corpus/files" ] || { echo "no corpus at $corpus"; exit 77; }
[ -e "${SEKISHO_LIBREOFFICE:-/usr/lib/libreoffice}/program/libswlo.so" ] || { echo "LibreOffice is not here"; exit 77; }
step=16
[ -z "${SEKISHO_ALL:-}" ] || step=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$corpus/files"
find office/poi office/odftoolkit rtf ja/takamatsu-city-opendata -type f \
  -regex '.*\.\(doc\|xls\|ppt\|rtf\|od[tspg]\|ot[ts]\|doc[xm]\|dotx\|xls[xmb]\|ppt[xm]\|ppsm\)' | LC_ALL=C sort |
  awk -v step=$step 'NR % step == 1 || step == 1' > "$work/list"
status=0
"$build/tests/hostile/sanitize-many" "$build/sanitizer/worker/sekisho-sanitizer" --each 1 \
  --office "$build/sanitizer/office/sekisho-office" < "$work/list" > "$work/all" || status=$?
grep -P '\t' "$work/all" | LC_ALL=C sort > "$work/outcomes"
grep -vP '\t' "$work/all"
[ "$status" = 0 ] || exit 1
if [ -n "${SEKISHO_ACCEPT:-}" ] && [ "$step" = 1 ]; then cp "$work/outcomes" "$golden"; fi
# the golden lines of what was tried
LC_ALL=C sort "$work/list" | LC_ALL=C join -t $'\t' - "$golden" | diff - "$work/outcomes" ||
  { echo "not as office.golden says"; exit 1; }
