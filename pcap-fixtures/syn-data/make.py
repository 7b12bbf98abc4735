"""Data in the SYN"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
fast_open = b"\x22\x0aCOOKIE!!\x01\x01"
t.there("S", b"GET / HTTP/1.1\r\n\r\n", tcp_options=fast_open)
t.back("SA")
t.there("A")
t.back("PA", b"HTTP/1.1 200 OK\r\n\r\n")
t.there("A")

other = talk.Talk(ports=(40001, 443))
other.now, other.lines, other.frames = t.now, t.lines, t.frames
other.there("S", b"early", tcp_options=fast_open)
other.back("SA", ack=1001)
other.there("PA", b"early", seq=1001)
other.back("A")
other.write()
