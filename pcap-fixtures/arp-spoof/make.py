"""ARP: who may ask, and who claims to be somebody else"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

tax = "02:00:5e:10:00:01"
other = "02:00:5e:10:00:66"
good = p.arp(1, tax, "10.1.0.11", "10.1.0.1")
p.write("in-mynumber.pcap", [
    good,
    p.arp(1, tax, "10.1.0.11", "10.1.0.12"),
    p.arp(2, tax, "10.1.0.11", "10.1.0.1", to_mac="02:00:5e:00:00:01"),
    p.arp(1, other, "10.1.0.11", "10.1.0.1"),
    p.arp(2, other, "10.1.0.11", "10.1.0.1", to_mac="02:00:5e:00:00:01"),
    p.arp(1, tax, "10.1.0.13", "10.1.0.1"),
    p.arp(1, other, "10.1.0.1", "10.1.0.1"),
    p.arp(1, tax, "10.1.0.11", "10.1.0.1", from_mac=other),
    p.arp(1, other, "10.1.0.12", "10.1.0.1"),
    p.arp(1, tax, "10.2.0.40", "10.1.0.1"),
    p.arp(1, other, "10.3.0.50", "10.1.0.1"),
    p.arp(3, tax, "10.1.0.11", "10.1.0.1"),
    good[:30],
])
