"""Announcements and probes that nobody asked for"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

tax, other = "02:00:5e:10:00:01", "02:00:5e:10:00:66"
p.write("in-mynumber.pcap", [
    p.arp(1, tax, "10.1.0.11", "10.1.0.11"),                    # RFC 5227 section 3: an announcement
    p.arp(2, tax, "10.1.0.11", "10.1.0.11"),
    p.arp(1, tax, "0.0.0.0", "10.1.0.11"),                      # a probe
    p.arp(1, tax, "0.0.0.0", "10.1.0.1"),                       # is the gateway's address taken?
    p.arp(1, other, "10.1.0.11", "10.1.0.11"),
    p.arp(2, other, "10.1.0.11", "10.1.0.11"),
    p.arp(1, other, "10.1.0.1", "10.1.0.1"),                    # would be the gateway
    p.arp(2, other, "10.1.0.1", "10.1.0.11", to_mac=tax),
    p.arp(1, other, "0.0.0.0", "10.1.0.1"),                     # not listed, in a closed zone
    p.arp(1, "02:00:5e:10:00:02", "0.0.0.0", "10.1.0.1"),       # listed in another zone
])
