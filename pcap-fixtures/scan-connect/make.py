"""nmap -sT: the connect scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
t.handshake()
t.there("RA")
t.back("PA", b"SSH-2.0-late\r\n", expect="bad-tcp-state")
for port in (22, 25, 8443):
    t.put("mynumber", p.tcp(p.TAX, p.ELTAX, 40001, port, "S"), "service-not-listed")
t.write()
