"""A host that no rule lists"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

stranger = p.Host("02:00:5e:20:00:41", "10.2.0.41", p.ELTAX.gateway)
p.write("in-mynumber.pcap", [
    p.tcp(p.OTHER, p.ELTAX, 40000, 443, "S"),
    p.tcp(p.TAX, stranger, 40000, 443, "S"),
])
