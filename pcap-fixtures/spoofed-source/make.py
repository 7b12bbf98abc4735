"""Source addresses of somebody else"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def claims(ip, port=p.OUTSIDE.gateway):
    return p.Host("02:00:5e:30:00:50", ip, port)

p.write("in-internet.pcap", [
    p.tcp(claims("10.1.0.11"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("10.2.0.40"), p.TAX, 443, 40000, "SA", 1, 1),
    p.tcp(claims("192.0.2.1"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("10.3.0.1"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("127.0.0.1"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("0.0.0.0"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("255.255.255.255"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("224.0.0.5"), p.ELTAX, 40000, 443, "S"),
    p.tcp(claims("10.2.0.40"), p.ELTAX, 443, 443, "S"),
])
p.write("in-mynumber.pcap", [
    p.tcp(claims("10.3.0.50", p.TAX.gateway), p.ELTAX, 40000, 443, "S"),
], start=p.START + 1)
