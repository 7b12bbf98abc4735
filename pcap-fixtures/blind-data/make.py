"""Data injected blindly"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"hello")
t.back("PA", b"world")
t.there("A")
for number in range(1, 12):
    t.back("PA", b"evil", seq=t.next[1] + number * 390_000_000, expect="tcp-out-of-window")
t.back("PA", b"evil", seq=t.next[1], ack=t.next[0] + 1_000_000, expect="tcp-out-of-window")
t.back("PA", b"evil", seq=t.next[1], ack=t.next[0] - 1_000_000, expect="tcp-out-of-window")
t.there("PA", b"hello again")
t.back("PA", b"world again")
t.there("A")
t.goodbye()
t.write()
