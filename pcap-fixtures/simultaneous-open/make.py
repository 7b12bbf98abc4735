"""Simultaneous open"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.there("S")
t.back("S", expect="bad-tcp-state")
t.there("SA", seq=1000, ack=5001, expect="bad-tcp-state")
t.wait(0.8)
t.there("S", seq=1000)
t.back("SA", seq=5000)
t.there("A")
t.write()
