"""Frames to groups"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

group = p.Host("", "224.0.0.251", "")
everybody = p.Host("", "255.255.255.255", "")
p.write("in-internet.pcap", [
    p.udp(p.OUTSIDE, group, 5353, 5353, b"mdns"),
    p.udp(p.OUTSIDE, everybody, 68, 67, b"dhcp"),
    p.tcp(p.OUTSIDE, p.ELTAX, 40000, 443, "S", frame={"to_mac": "ff:ff:ff:ff:ff:ff"}),
    p.tcp(p.OUTSIDE, p.ELTAX, 40000, 443, "S", frame={"to_mac": "01:00:5e:00:00:fb"}),
    p.udp(p.OUTSIDE, p.Host("", "10.3.0.255", ""), 138, 138, b"netbios"),
])
