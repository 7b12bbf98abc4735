"""Mail to the relay"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def gateway(zone):
    return p.Host("", f"10.{zone}.0.1", "")

p.write("in-internet.pcap", [
    p.tcp(p.OUTSIDE, gateway(3), 40000, 25, "S", 1000),
    p.tcp(p.OUTSIDE, gateway(3), 40000, 22, "S"),
    p.tcp(p.OUTSIDE, gateway(3), 40000, 443, "S"),
    p.tcp(p.OUTSIDE, gateway(3), 40000, 465, "S"),
    p.udp(p.OUTSIDE, gateway(3), 40000, 25, b"?"),
    p.udp(p.OUTSIDE, gateway(3), 40000, 161, b"?"),
    p.tcp(p.OUTSIDE, gateway(2), 40000, 25, "S"),
    p.tcp(p.OUTSIDE, gateway(1), 40000, 25, "S"),
    p.tcp(p.OUTSIDE, gateway(3), 40001, 25, "A", 1, 1),
])
p.write("in-lgwan.pcap", [p.tcp(p.ELTAX, gateway(2), 40000, 25, "S")], start=p.START + 2)
p.write("in-mynumber.pcap", [p.tcp(p.TAX, gateway(1), 40000, 25, "S")], start=p.START + 3)
