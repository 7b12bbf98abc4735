"""Internet to My Number, and back"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

p.write("in-internet.pcap", [
    p.tcp(p.OUTSIDE, p.TAX, 40000, 443, "S"),
    p.udp(p.OUTSIDE, p.TAX, 53, 40000, b"answer"),
])
p.write("in-mynumber.pcap", [
    p.tcp(p.TAX, p.OUTSIDE, 40000, 443, "S"),
    p.udp(p.TAX, p.OUTSIDE, 40000, 53, b"beacon"),
], start=p.START + 1)
