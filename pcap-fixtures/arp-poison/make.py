"""Somebody claims the address of a host whose card is not listed"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

true, other, door = "02:00:5e:10:00:02", "02:00:5e:66:00:66", "02:00:5e:00:00:02"

def says(who, operation=2, to=door):
    return p.arp(operation, who, "10.2.0.40", "10.2.0.1", to_mac=to)

p.write("in-lgwan.pcap", [
    (0.0, says(true, 1, "ff:ff:ff:ff:ff:ff")),
    (1.0, says(other)),                            # refused; the true one is asked
    (1.1, says(other, 1)),
    (1.2, p.arp(2, other, "10.2.0.40", "10.2.0.40")),
    (1.3, says(true)),                             # and answers
    (4.9, says(other)),                            # so it begins anew
    (5.0, says(true)),
    (8.5, says(other)),
    (9.0, p.arp(1, other, "10.2.0.66", "10.2.0.1")),  # its own address is its own
])
