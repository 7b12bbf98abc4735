"""A rule past its date"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

there = lambda *args, **more: p.tcp(p.TAX, p.ELTAX, 40000, 443, *args, **more)
p.write("in-mynumber.pcap", [
    (43190.0, there("S", 1000)),
    (43190.2, there("A", 1001, 5001)),
    (43199.9, there("PA", 1001, 5001, b"last")),
    (43200.0, there("PA", 1005, 5001, b"late")),
    (43201.0, p.tcp(p.TAX, p.ELTAX, 40001, 443, "S")),
])
p.write("in-lgwan.pcap", [
    (43190.1, p.tcp(p.ELTAX, p.TAX, 443, 40000, "SA", 5000, 1001)),
    (43200.5, p.tcp(p.ELTAX, p.TAX, 443, 40000, "A", 5001, 1005)),
])
