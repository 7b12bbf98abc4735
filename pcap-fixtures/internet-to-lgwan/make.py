"""Internet to LGWAN, and back"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

inside = p.Host("02:00:5e:20:00:25", "10.2.0.25", p.ELTAX.gateway)
p.write("in-internet.pcap", [
    p.tcp(p.OUTSIDE, p.ELTAX, 40000, 443, "S"),
    p.tcp(p.OUTSIDE, inside, 40000, 25, "S"),
    p.udp(p.OUTSIDE, inside, 40000, 53, b"?"),
    p.tcp(p.OUTSIDE, p.ELTAX, 443, 40000, "SA", 1, 1),
])
p.write("in-lgwan.pcap", [
    p.tcp(p.ELTAX, p.OUTSIDE, 40000, 443, "S"),
    p.udp(inside, p.OUTSIDE, 40000, 53, b"?"),
], start=p.START + 1)
