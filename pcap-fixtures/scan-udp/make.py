"""nmap -sU: the UDP scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
for port in (53, 123, 137, 161, 443, 500, 1900):
    t.put("mynumber", p.udp(p.TAX, p.ELTAX, 50000, port, b"" if port == 443 else bytes(12)), "service-not-listed")
quoted = p.ipv4(p.TAX.ip, p.ELTAX.ip, 17, bytes.fromhex("c350003500080000"))
t.put("lgwan", p.icmp(p.ELTAX, p.TAX, 3, 3, data=quoted), "zone-closed")
t.put("internet", p.udp(p.OUTSIDE, p.ELTAX, 50000, 53, bytes(12)), "zones-split")
t.write()
