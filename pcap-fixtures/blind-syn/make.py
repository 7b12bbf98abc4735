"""A SYN in an established connection"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.there("PA", b"hello")
t.back("A")
t.there("S", seq=123_456_789)
t.back("A")                      # the challenge, with the numbers of the connection
t.back("S", seq=987_654_321, expect="bad-tcp-state")
t.there("PA", b"goes on")
t.back("PA", b"as before")
t.there("A")
# The opener really has forgotten: its RST answers the challenge with the very number, and it begins anew.
t.there("S", seq=223_456_789)
t.back("A")
t.there("R")
t.next[0] = 223_456_789
t.there("S")
t.back("SA")
t.there("A")
t.write()
