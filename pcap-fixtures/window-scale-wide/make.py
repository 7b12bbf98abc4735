"""A window scale beyond all bounds"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.there("S", tcp_options=b"\x01\x03\x03\x07")
t.back("SA", tcp_options=b"\x01\x03\x03\xfe", window=65535)
t.there("A")
t.back("A", window=10)
t.there("A", b"d" * 1000, seq=t.next[0] + 160_000)
t.there("A", b"d" * 1000, seq=t.next[0] + 170_000, expect="tcp-out-of-window")
t.back("PA", b"x")
t.there("A")
t.write()
