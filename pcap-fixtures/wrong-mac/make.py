"""The listed address behind another card"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

thief = p.Host("02:00:5e:10:00:66", "10.1.0.11", p.TAX.gateway)
false_eltax = p.Host("02:00:5e:10:00:67", "10.2.0.40", p.ELTAX.gateway)
p.write("in-mynumber.pcap", [
    (0.0, p.tcp(thief, p.ELTAX, 40000, 443, "S")),
    (0.1, p.tcp(p.TAX, p.ELTAX, 40001, 443, "S")),
    (0.4, p.tcp(p.TAX, p.ELTAX, 40001, 443, "A", 1001, 5001)),
    (0.5, p.tcp(thief, p.ELTAX, 40001, 443, "PA", 1001, 5001, b"evil")),
    (0.6, p.tcp(p.TAX, p.ELTAX, 40001, 443, "PA", 1001, 5001, b"good")),
])
p.write("in-lgwan.pcap", [
    (0.2, p.tcp(false_eltax, p.TAX, 443, 40001, "SA", 6000, 1001)),
    (0.3, p.tcp(p.ELTAX, p.TAX, 443, 40001, "SA", 5000, 1001)),
])
