"""Neighbour discovery: who may ask, and who claims to be somebody else"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

tax, other, eltax = "02:00:5e:10:00:01", "02:00:5e:10:00:66", "02:00:5e:10:00:02"
gateway, tax_ip, door = "2001:db8:1::1", "2001:db8:1::11", "02:00:5e:00:00:01"
p.write("in-mynumber.pcap", [
    p.solicitation(tax, tax_ip, gateway),
    p.solicitation(tax, "fe80::5eff:fe10:1", gateway),
    p.advertisement(tax, tax_ip, door, gateway),
    p.solicitation(tax, tax_ip, "2001:db8:1::12"),
    p.solicitation("02:00:5e:10:00:01", "::", gateway, link=""),      # RFC 4862: is it taken?
    p.solicitation(other, tax_ip, gateway),                           # another card
    p.advertisement(other, tax_ip, door, gateway),
    p.advertisement(other, tax_ip, "33:33:00:00:00:01", "ff02::1", flags=0x20000000),
    p.solicitation(tax, "2001:db8:1::13", gateway),                   # another address
    p.solicitation(tax, tax_ip, gateway, link=other),                 # speaks for another card
    p.advertisement(tax, tax_ip, door, gateway, link=other),
    p.advertisement(other, gateway, "33:33:00:00:00:01", "ff02::1", flags=0xA0000000),
    p.solicitation(other, "2001:db8:1::12", gateway),                 # not listed
    p.solicitation(other, "::", gateway, link=""),
    p.solicitation(tax, "2001:db8:2::40", gateway),                   # of another zone
    p.solicitation(tax, tax_ip, gateway, hops=254),                   # crossed a router
    p.solicitation(tax, tax_ip, gateway, wrong=1),
    p.icmp6(tax, "33:33:00:00:00:01", "fe80::1", "ff02::1", 134, bytes(12)),
    p.icmp6(tax, "33:33:00:00:00:02", "fe80::1", "ff02::2", 133, bytes(4)),
    p.icmp6(tax, door, "fe80::1", tax_ip, 137, bytes(36)),
    p.icmp6(tax, "33:33:00:00:00:16", "fe80::1", "ff02::16", 143, bytes(4), hops=1),
])
p.write("in-lgwan.pcap", [(5.0, p.solicitation(tax, "2001:db8:2::11", "2001:db8:2::1"))])
