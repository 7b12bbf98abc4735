#!/usr/bin/env bash
# What every command owes a person or a script: help that agrees with its page, words for a slip, an exit status that
# does not claim an answer nobody got, and files changed where they are.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
sekisho=$BUILD/gateway/cli/sekisho
folder=$(mktemp -d /tmp/sekisho-usage-test.XXXXXX) && trap 'rm -rf "$folder"' EXIT
failed=0
wrong() { echo "$*" && failed=1; }

expect() { # status, words that are said, command …
  local status=0 wanted=$1 words=$2
  shift 2
  "$@" >"$folder/said" 2>&1 || status=$?
  [[ $status == "$wanted" ]] && { [[ -z $words ]] || grep -qF -- "$words" "$folder/said"; } && return
  wrong "$*: exit $status, not $wanted, or not '$words': $(head -n 5 "$folder/said")"
}
commands_of() { "$sekisho" "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }

# Help and man page of each command name the same options; each shows an example.
for command in $(commands_of); do
  page=$SOURCE/docs/man/sekisho-$command.1.scd
  [[ $command == join ]] && page=$SOURCE/docs/man/sekisho-sever.1.scd
  [[ -e $page ]] || { wrong "$command has no man page"; continue; }
  grep -qE "^\*$command\*|\*$command\*(,|$)|\*sekisho-$command\*" "$SOURCE/docs/man/sekisho.1.scd" || wrong "sekisho(1) does not name $command"
  help=$("$sekisho" "$command" --help)
  grep -q '^Example' <<<"$help" || wrong "$command --help shows no example"
  for sub in $(commands_of "$command"); do
    of_sub=$("$sekisho" "$command" "$sub" --help)
    grep -q '^Example' <<<"$of_sub" || wrong "$command $sub --help shows no example"
    help+=$'\n'$of_sub
    for text in "$help" "$of_sub"; do
      grep -qF "man $(basename "$page" .1.scd)\`" <<<"$text" && ! grep -qF 'sekisho COMMAND' <<<"$text" || wrong "$command $sub --help names another page"
    done
  done
  for option in $(grep -oE '^ +(-[a-zA-Z],)?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+' | sort -u); do
    [[ $option == --help ]] || grep -qF -- "*$option*" "$page" || wrong "$(basename "$page") does not tell of $option"
  done
done

# A word that is no command is told as that.
expect 2 "there is no command 'chek'" "$sekisho" chek x.rules
expect 2 'did you mean  sekisho check ?' "$sekisho" chek x.rules
expect 2 "sekisho hold: there is no command 'lst'" "$sekisho" hold lst
expect 2 'FILE is required' "$sekisho" check
# So is one that is no option.
expect 2 "sekisho hold list: there is no option '--limti'" "$sekisho" hold list --limti 5
expect 2 'did you mean  --limit ?' "$sekisho" hold list --limti=5
expect 2 'did you mean  --json ?' "$sekisho" queue show R8K4-7Q2M-X9 --jsno
expect 2 'sekisho hold list --help lists them' "$sekisho" hold list --limti 5
expect 2 "sekisho: there is no option '--verson'" "$sekisho" --verson
expect 2 "sekisho hold show: there is no option '-z'" "$sekisho" hold show -z
expect 2 "sekisho evidence: there is no option '--rnu'" "$sekisho" evidence d --list --rnu x # a flag has no value
no_hint() { expect 2 'there is no option' "$@" && ! grep 'did you mean' "$folder/said" || wrong "$*: far-fetched"; }
no_hint "$sekisho" sanitize --json x
no_hint "$sekisho" check --rules
# What is wrong is told with the command, words in the order they were typed.
expect 2 'sekisho hold list: not expected: one two' "$sekisho" hold list one two
expect 2 'sekisho sanitize: IN is required' "$sekisho" sanitize
expect 2 'sekisho sever: ZONE is required' "$sekisho" sever
expect 2 'sekisho queue drop: --because is required' "$sekisho" queue drop R8K4-7Q2M-X9
expect 2 'sekisho sanitize: --jobs: Value 0 not in range' "$sekisho" sanitize x --jobs 0
expect 2 'sekisho sanitize --help tells more' "$sekisho" sanitize x --jobs 0
expect 2 'sekisho: A subcommand is required' "$sekisho"
expect 2 'no sekishod answers' "$sekisho" hold --run "$folder/nowhere" list --reason -x
expect 2 'RECEIPT is required' "$sekisho" hold show --json
for words in 'hold release' 'hold delete' 'hold delete --dry-run' 'hold delete R8K4-7Q2M-X9 --relay inbound' 'hold delete R8K4-7Q2M-X9 --dry-run'; do
  # shellcheck disable=SC2086 # words
  expect 2 'which mails? name receipt numbers, or choose by --relay' "$sekisho" $words --because x
done
expect 2 '--because is required' "$sekisho" hold delete --reason held-document
expect 0 'Subcommands' "$sekisho" --help

# Whoever asks of a zone that is none learns which there are.
examples=$SOURCE/rules/examples/three-zones.rules
expect 2 'zones: mynumber, lgwan, internet' "$sekisho" explain --rules "$examples" tcp from nowhere 10.1.0.11:4 to lgwan 10.2.0.40:443
expect 2 "no zone is called 'nowhere'; there are: mynumber, lgwan, internet" "$sekisho" explain --rules "$examples" mail from nowhere to a@b

# A reason says something; no number of mails is none or less.
for words in 'hold delete R8K4-7Q2M-X9' 'queue drop R8K4-7Q2M-X9' 'breaker arm inbound'; do
  # shellcheck disable=SC2086 # words
  for blank in '' ' ' '　 '; do expect 2 '--because: a reason, not blanks alone' "$sekisho" $words --because "$blank"; done
  # shellcheck disable=SC2086 # words
  expect 2 'one line of at most 500 octets' "$sekisho" $words --because "$(printf '%501s' x)"
done
for words in 'hold list' 'queue list' 'trace --since 1h'; do
  # shellcheck disable=SC2086 # words
  for limit in 0 -1 100001; do expect 2 --limit "$sekisho" $words --limit="$limit"; done
done

# A span that ends before it begins would find nothing.
for words in trace 'hold list'; do
  # shellcheck disable=SC2086 # words
  expect 2 'is later than --until' "$sekisho" $words --since 2026-11-21 --until 2026-11-20
done

# Words from a terminal in another charset are told by the option they stand behind.
# They are 誤送信 in EUC-JP and 見積 in Shift_JIS.
expect 2 '--because: not in UTF-8; set the terminal to UTF-8' "$sekisho" hold delete R8K4-7Q2M-X9 --because $'\xb8\xed\xc1\xf7\xbf\xae'
expect 2 '--because: not in UTF-8' "$sekisho" queue drop R8K4-7Q2M-X9 --because=$'\xb8\xed\xc1\xf7\xbf\xae'
expect 2 '--subject: not in UTF-8' "$sekisho" trace --subject $'\x8c\xa9\x90\xcf'
expect 2 'ZONE: not in UTF-8' "$sekisho" sever $'\x8c\xa9\x90\xcf'
expect 2 'RELAY: not in UTF-8' "$sekisho" breaker arm $'\x8c\xa9\x90\xcf' --because x

# An original is not treated.
expect 2 '--as' "$sekisho" hold release R8K4-7Q2M-X9 --as 'office text' --original --because x
expect 2 '--original' "$sekisho" hold release R8K4-7Q2M-X9 --original --as 'office text' --because x

# Nobody got the answer: not 0.
cp "$SOURCE/rules/examples/three-zones.rules" "$folder/town.rules"
for words in "fmt $folder/town.rules" "check $folder/town.rules" reasons --help \
  "prove --rules $folder/town.rules internet->mynumber"; do
  # shellcheck disable=SC2086 # words
  { "$sekisho" $words >/dev/full; } 2>"$folder/said" && wrong "$words > /dev/full: exit 0"
  grep -q '^sekisho: cannot write' "$folder/said" || wrong "$words > /dev/full says $(cat "$folder/said")"
done
"$sekisho" check "$folder/town.rules" >&- 2>/dev/null && wrong 'standard output closed: exit 0'
"$sekisho" check -q "$folder/town.rules" >&- || wrong 'nothing to say, standard output closed: not 0'

# Files are changed where they are.
printf 'zone  a { port "x" network 10.1.0.0/24 }\n' >"$folder/a.rules"
chmod 640 "$folder/a.rules"
ln -s a.rules "$folder/link.rules"
touch "$folder/a.rules.fmt-new" "$folder/link.rules.fmt-new" # what a power cut left
expect 0 '' "$sekisho" fmt --write "$folder/link.rules"
[[ -L $folder/link.rules ]] || wrong 'fmt --write made a file of a link'
[[ $(stat -c %a "$folder/a.rules") == 640 ]] || wrong 'fmt --write changed the mode'
expect 0 '' "$sekisho" fmt --check "$folder/a.rules"
expect 2 'standard input cannot be written back' "$sekisho" fmt --write -

# One file under two names is one file.
expect 2 'are the same file' "$sekisho" check "$folder/a.rules" "$folder/link.rules"
expect 2 'is named twice' "$sekisho" check "$folder/a.rules" "$folder/a.rules"

# A folder without a record is no empty record.
mkdir "$folder/empty"
for word in tail verify; do expect 2 "sekisho record $word: there is no record in $folder/empty" "$sekisho" record $word "$folder/empty"; done

# A daemon that one may not ask is not told as one that is away.
if ((EUID == 0)); then
  mkdir "$folder/run" && chmod 755 "$folder"
  python3 - "$folder/run/control" <<'PY'
import os, socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(sys.argv[1])
os.chmod(sys.argv[1], 0o660)
PY
  cp "$sekisho" "$folder/sekisho" # the build folder may be root's alone
  expect 2 'only root and the group sekisho may ask' \
    setpriv --reuid 65534 --regid 65534 --clear-groups "$folder/sekisho" status --run "$folder/run"
fi
expect 2 "no sekishod answers at $folder/nowhere/control: No such file or directory; start it with  systemctl start sekisho" "$sekisho" status --run "$folder/nowhere"

((failed)) || echo 'commands keep their words'
exit $failed
