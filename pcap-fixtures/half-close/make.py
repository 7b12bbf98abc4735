"""Half-close"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"the whole question")
t.there("FA")
t.back("A")
for number in range(5):
    t.wait(20)
    t.back("PA", b"a part of the answer")
    t.there("A")
t.back("SA", seq=5000, expect="bad-tcp-state")
t.there("S", seq=50_000_000)   # for the answerer to challenge (RFC 5961 §4)
t.back("A")
t.back("FA")
t.there("A")
t.write()
