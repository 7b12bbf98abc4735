"""More connections at once than a rule and a source may have"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def office(number):
    return p.Host(f"02:00:5e:10:01:{number:02x}", f"10.1.0.{number}", "02:00:5e:00:00:01")

one, two, three = office(11), office(12), office(13)
syn = lambda host, port: p.tcp(host, p.ELTAX, port, 443, "S")
p.write("in-office.pcap", [
    (0.0, syn(one, 1001)), (0.1, syn(one, 1002)),
    (0.2, syn(one, 1003)),                       # a third of the same source
    (0.3, syn(two, 1001)),
    (0.4, syn(three, 1001)),                     # a fourth of the rule
    (0.5, syn(one, 1002)),                       # repeated: nothing new
    (0.6, p.tcp(one, p.ELTAX, 1001, 443, "R", seq=1001)),
    (0.7, syn(two, 1001)),
    (0.8, syn(three, 1002)),                     # after the reset its place is free
    (0.9, syn(three, 1003)),
])
