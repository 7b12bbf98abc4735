"""Sequence numbers that wrap"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk(first=(2**32 - 1500, 2**32 - 2))
t.handshake()
for number in range(4):
    t.there("PA", b"d" * 1000)
    t.back("PA", b"e" * 10)
t.there("A")
t.back("PA", b"evil", seq=2**32 - 900_000, expect="tcp-out-of-window")
t.goodbye()
t.write()
