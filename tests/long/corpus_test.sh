#!/usr/bin/env bash
# All of the corpora instead of samples: every result looked into by other programs, every PDF compared with its outcome.
set -u
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
status=0
for test in corpus/summary_test.py pdf/corpus_test.py; do
  SEKISHO_ALL=1 SOURCE=$source_root "$source_root/tests/$test"
  case $? in
  0) ;;
  77) exit 77 ;;
  *) status=1 ;;
  esac
done
exit $status
