#!/usr/bin/env bash
# The disk's troubles, thousands of rounds of each (O2): tests/unit/gateway/relay/disk_faults_test.cc tells what they are.
set -u
program=${BUILD:?}/tests/unit/gateway/relay/unit-disk-faults
[[ -x $program ]] || { echo "not built: $program" && exit 77; }
SEKISHO_FAULT_ROUNDS=${SEKISHO_FAULT_ROUNDS:-20000} "$program" 2>/dev/null
