"""nmap -sO: the IP protocol scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
short = {1: "icmp-truncated", 6: "tcp-truncated", 17: "udp-truncated"}
for protocol in (1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 89, 103, 112, 132, 255):
    frame = p.ethernet(p.TAX, p.ipv4(p.TAX.ip, p.ELTAX.ip, protocol, b""))
    expect = short.get(protocol, "icmp-malformed" if protocol == 58 else "service-not-listed")
    t.put("mynumber", frame, expect)
quoted = p.ipv4(p.TAX.ip, p.ELTAX.ip, 47, bytes(8))
t.put("lgwan", p.icmp(p.ELTAX, p.TAX, 3, 2, data=quoted), "zone-closed")
t.write()
