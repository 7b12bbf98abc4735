"""The listed flow, from handshake to end"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

there = lambda *args, **more: p.tcp(p.TAX, p.ELTAX, 40000, 443, *args, **more)
back = lambda *args, **more: p.tcp(p.ELTAX, p.TAX, 443, 40000, *args, **more)
p.write("in-mynumber.pcap", [
    (0.0, there("S", 1000)),
    (0.2, there("A", 1001, 5001)),
    (0.3, there("PA", 1001, 5001, b"hello")),
    (0.6, there("A", 1006, 5006)),
    (0.7, there("FA", 1006, 5006)),
    (1.0, there("A", 1007, 5007)),
    (2.0, there("S", 9000)),
])
p.write("in-lgwan.pcap", [
    (0.1, back("SA", 5000, 1001)),
    (0.4, back("A", 5001, 1006)),
    (0.5, back("PA", 5001, 1006, b"world")),
    (0.8, back("A", 5006, 1007)),
    (0.9, back("FA", 5006, 1007)),
    (2.1, back("SA", 7000, 9001)),
])
