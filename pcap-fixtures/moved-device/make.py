"""A listed card turns up in another zone"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

tax = "02:00:5e:10:00:01"
moved = p.Host(tax, "10.2.0.77", "02:00:5e:00:00:02")
outside = p.Host(tax, "10.3.0.77", "02:00:5e:00:00:03")
p.write("in-lgwan.pcap", [
    (1.0, p.arp(1, tax, "10.2.0.77", "10.2.0.1")),
    (1.1, p.arp(1, tax, "0.0.0.0", "10.2.0.1")),
    (1.2, p.tcp(moved, p.TAX, 40000, 443, "S")),
])
p.write("in-internet.pcap", [
    (2.0, p.arp(1, tax, "10.3.0.77", "10.3.0.1")),
    (2.1, p.tcp(outside, p.Host("", "10.3.0.1", ""), 40000, 25, "S")),
])
p.write("in-mynumber.pcap", [
    (0.0, p.arp(1, tax, "10.1.0.11", "10.1.0.1")),
    (3.0, p.tcp(p.TAX, p.ELTAX, 40000, 443, "S")),
])
