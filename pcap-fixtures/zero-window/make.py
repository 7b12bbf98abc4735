"""Zero window and its probes"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"d" * 1000)
t.back("A", window=0)
for pause in (0.2, 0.4, 0.8):
    t.wait(pause)
    t.there("A", b"p", seq=t.next[0])
    t.back("A", window=0)
t.there("A", b"d" * 70_0, seq=t.next[0] + 70_000, window=65535, expect="tcp-out-of-window")
t.back("A", window=4096)     # room again
t.there("PA", b"d" * 1000)
t.back("A", window=4096)
t.write()
