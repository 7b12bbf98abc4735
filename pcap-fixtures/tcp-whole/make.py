"""A connection from beginning to end"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
mss = b"\x02\x04\x05\xb4\x01\x03\x03\x07"
t.there("S", tcp_options=mss)
t.back("SA", tcp_options=mss)
t.there("A")
t.there("PA", b"GET / HTTP/1.1\r\n\r\n")
t.back("A")
for number in range(8):
    t.back("A", bytes(1000))
    if number % 2:
        t.there("A")
t.back("PAU", b"!")
t.there("A")
t.back("FA")
t.there("A")
t.there("FA")
t.back("A")
t.back("FA", seq=t.next[1] - 1)  # its ACK got lost
t.there("A")
t.write()
