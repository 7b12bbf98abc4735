"""A reset after the FIN"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"GET / HTTP/1.1\r\n\r\n")
t.back("A")
t.back("A", b"d" * 1000)
t.there("FA")
t.back("A", b"d" * 1000)
t.there("R")
t.back("A", b"d" * 1000, expect="bad-tcp-state")
t.next[0] = 40_000_000
t.there("S")
t.back("SA")
t.there("A")
t.write()
