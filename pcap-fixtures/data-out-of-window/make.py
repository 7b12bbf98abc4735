"""Data outside the window"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
small = {"window": 4096}
t.there("S", **small)
t.back("SA", **small)
t.there("A", **small)
t.there("PA", b"x" * 1000, **small)
t.back("A", **small)
t.there("PA", b"y" * 1000, seq=t.next[0] + 5000, expect="tcp-out-of-window", **small)
t.there("PA", b"y" * 1000, seq=t.next[0] + 3500, expect="tcp-out-of-window", **small)  # its end lies beyond
t.there("PA", b"x" * 1000, seq=t.next[0] - 1000, **small)   # sent again
t.back("A", **small)
t.there("A", seq=t.next[0] - 200_000, expect="tcp-out-of-window", **small)
t.back("A", ack=t.next[0] + 100_000, expect="tcp-out-of-window", **small)  # acknowledges the future
t.back("A", ack=t.next[0] - 1_000_000, expect="tcp-out-of-window", **small)  # and long before the beginning
t.there("PA", b"z" * 1000, **small)
t.back("PA", b"answer", **small)
t.there("A", **small)
t.write()
