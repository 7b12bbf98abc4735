"""A reset that is guessed"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"hello")
t.back("A")
for guess in (90_000_000, 2_000_000_000, -70_000, 70_000):
    t.there("R", seq=t.next[0] + guess, expect="tcp-out-of-window")
    t.back("R", seq=t.next[1] + guess, expect="tcp-out-of-window")
t.there("R", seq=t.next[0] + 1000)       # within the window: for the host to challenge
t.back("A")                              # its challenge
t.there("PA", b"still open")
t.back("PA", b"so it is")
t.there("A")
t.back("R")                              # the exact one
t.there("PA", b"too late", expect="bad-tcp-state")
t.write()
