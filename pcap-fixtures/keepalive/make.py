"""Keepalives"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"hello")
t.back("A")
for side in ("there", "back"):
    ask, answer = (t.there, t.back) if side == "there" else (t.back, t.there)
    number = t.next[0 if side == "there" else 1] - 1
    t.wait(7200)
    ask("A", seq=number)
    answer("A")
    t.wait(75)
    ask("A", b"\0", seq=number)
    answer("A")
t.there("PA", b"goes on")
t.back("A")
t.write()
