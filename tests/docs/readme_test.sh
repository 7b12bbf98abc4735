#!/usr/bin/env bash
# What the README tells a newcomer to type and to read is there, in both languages.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
failed=0
wrong() { echo "$*" && failed=1; }

# The first block of commands: the program, without what follows it.
commands() { awk '/^```sh/ {if (++blocks > 1) exit; inside = 1; next} /^```/ {inside = 0} inside && NF {print $1}' "$1"; }
links() { grep -oE '\]\([^)#]+' "$1" | sed 's/^](//' | grep -v '^http'; }

for page in README.md README.ja.md; do
  [[ $(commands "$SOURCE/$page" | tr '\n' ' ') == 'deploy/quickstart tests/run ' ]] ||
    wrong "$page: the two commands are not deploy/quickstart and tests/run"
  for link in $(links "$SOURCE/$page"); do
    [[ -e $SOURCE/$link ]] || wrong "$page: there is no $link"
  done
done
for command in deploy/quickstart tests/run .ci/run bench/run; do
  [[ -x $SOURCE/$command ]] || wrong "$command cannot be run"
done
((failed)) || echo 'the README leads somewhere'
exit $failed
