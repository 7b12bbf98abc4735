"""Reads the JSON of `sekisho status --json` and prints the sum of all counters named as the argument."""
import json
import sys


def total(value, word):
    if isinstance(value, dict):
        own = value.get(word, 0)
        own = own if isinstance(own, int) and not isinstance(own, bool) else 0
        return own + sum(total(inner, word) for inner in value.values())
    if isinstance(value, list):
        return sum(total(inner, word) for inner in value)
    return 0


print(total(json.load(sys.stdin), sys.argv[1]))
