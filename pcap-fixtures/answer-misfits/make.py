"""Answers to a SYN that acknowledge something else"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.there("S")
t.back("SA", seq=77_000, ack=4_000_000_000, expect="tcp-out-of-window")
t.back("RA", seq=0, ack=4_000_000_000, expect="tcp-out-of-window")
t.back("A", seq=88_000, ack=3_000_000)  # half open: the answerer still has an old connection
t.there("R", seq=3_000_000)
t.wait(0.8)
t.there("S", seq=1000)
t.back("SA")
t.there("A")
t.back("PA", b"hello")
t.write()
