"""nmap -sS: the half-open scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
t.there("S", window=1024, tcp_options=b"\x02\x04\x05\xb4")
t.back("SA", tcp_options=b"\x02\x04\x05\xb4")
t.there("R", window=0)
t.there("A", expect="bad-tcp-state")
for port in (22, 80, 444, 3389):
    t.put("mynumber", p.tcp(p.TAX, p.ELTAX, 40000, port, "S", window=1024), "service-not-listed")
t.put("mynumber", p.tcp(p.OTHER, p.ELTAX, 40000, 443, "S", window=1024), "host-unknown")
t.next[0] = 9000
t.there("S", window=1024, tcp_options=b"\x02\x04\x05\xb4")
t.back("RA", seq=0)  # the port is closed now
t.write()
