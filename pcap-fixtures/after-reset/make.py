"""What follows a reset"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

there = lambda *args, **more: p.tcp(p.TAX, p.ELTAX, 40000, 443, *args, **more)
back = lambda *args, **more: p.tcp(p.ELTAX, p.TAX, 443, 40000, *args, **more)
p.write("in-mynumber.pcap", [
    (0.0, there("S", 1000)),
    (0.2, there("A", 1001, 5001)),
    (0.3, there("R", 90000000)),
    (0.4, there("PA", 1001, 5001, b"data")),
    (0.7, there("PA", 1005, 5001, b"more")),
    (0.9, there("S", 20000)),
])
p.write("in-lgwan.pcap", [
    (0.1, back("SA", 5000, 1001)),
    (0.5, back("A", 5001, 1005)),
    (0.6, back("R", 5001)),
    (0.8, back("A", 5001, 1009)),
    (1.0, back("SA", 30000, 20001)),
])
