"""Connections that are forgotten"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.there("S")
t.wait(31)
t.back("SA", expect="zone-closed")

u = talk.Talk(ports=(40001, 443))
u.now, u.lines, u.frames = t.now, t.lines, t.frames
u.there("S")
u.back("SA")
u.wait(31)
u.there("A", expect="not-opened")

v = talk.Talk(ports=(40002, 443))
v.now, v.lines, v.frames = u.now, u.lines, u.frames
v.handshake()
v.wait(7400)
v.there("PA", b"still here")
v.back("A")
v.wait(3 * 3600)
v.there("PA", b"not any more", expect="not-opened")
v.back("PA", b"nor this way", expect="zone-closed")

w = talk.Talk(ports=(40003, 443))
w.now, w.lines, w.frames = v.now, v.lines, v.frames
w.handshake()
w.goodbye()
w.wait(61)
w.back("FA", seq=w.next[1] - 1, expect="zone-closed")
w.write()
