"""A pair of ports used again"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.handshake()
t.goodbye()
t.wait(1)
t.back("S", seq=t.next[1] + 900_000, expect="bad-tcp-state")
t.next = [t.next[0] + 500_000, t.next[1] + 900_000]
t.handshake()
t.there("PA", b"of the old one", seq=1001, ack=5001, expect="tcp-out-of-window")
t.there("PA", b"of the new one")
t.back("RA")
t.next = [t.next[0] + 500_000, t.next[1] + 900_000]
t.handshake()
t.write()
