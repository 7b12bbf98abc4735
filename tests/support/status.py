"""Reads the JSON of `sekisho status --json`.

    status.py REASON    prints the sum of all counters of that name
    status.py --up      ends with 0 when every role is up
    status.py --pid ROLE
"""
import json
import sys


def total(value, word):
    if isinstance(value, dict):
        own = value.get(word, 0)
        own = own if isinstance(own, int) and not isinstance(own, bool) else 0
        return own + sum(total(inner, word) for name, inner in value.items() if name != "reasons")  # counters by zone
    if isinstance(value, list):
        return sum(total(inner, word) for inner in value)
    return 0


def main():
    status = json.load(sys.stdin)
    roles = status.get("roles", [])
    if sys.argv[1] == "--up":
        return 0 if roles and all(role["state"] == "up" for role in roles) else 1
    if sys.argv[1] == "--pid":
        print(next(role["pid"] for role in roles if role["name"] == sys.argv[2]))
    else:
        print(total(status, sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
