"""A host gets a new card"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

old, new, door = "02:00:5e:10:00:02", "02:00:5e:10:00:77", "02:00:5e:00:00:02"

def says(who):
    return p.arp(1, who, "10.2.0.40", "10.2.0.1")

p.write("in-lgwan.pcap", [
    (0.0, says(old)),
    (10.0, says(new)),   # the old one is asked, and silent
    (11.0, says(new)),
    (12.0, says(new)),
    (13.0, says(new)),   # believed from here on
    (14.0, says(new)),
    (15.0, says(old)),   # now this is the other one
])
