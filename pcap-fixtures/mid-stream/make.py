"""Segments without a connection"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

there = lambda *args, **more: p.tcp(p.TAX, p.ELTAX, 40000, 443, *args, **more)
back = lambda *args, **more: p.tcp(p.ELTAX, p.TAX, 443, 40000, *args, **more)
p.write("in-mynumber.pcap", [
    (0.0, there("A", 1001, 5001)),
    (0.1, there("PA", 1001, 5001, b"data")),
    (0.2, there("FA", 1001, 5001)),
    (0.3, there("R", 1001)),
    (0.4, there("SA", 1000, 5001)),
    (0.6, there("S", 1000)),
    (0.7, there("A", 1001, 5001)),
    (0.9, there("A", 1001, 5001)),
])
p.write("in-lgwan.pcap", [
    (0.5, back("SA", 5000, 1001)),
    (0.8, back("SA", 5000, 1001)),
    (1.0, back("S", 8000)),
])
