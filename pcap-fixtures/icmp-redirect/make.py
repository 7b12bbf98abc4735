"""Redirects"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import ipaddress

import packets as p

t = talk.Talk()
t.handshake()
quoted = p.ipv4(p.TAX.ip, p.ELTAX.ip, 6, bytes.fromhex("9c4001bb000003e9"))
elsewhere = ipaddress.ip_address("10.2.0.66").packed
for code in range(4):
    t.put("lgwan", p.icmp(p.ELTAX, p.TAX, 5, code, elsewhere, quoted), "icmp-redirect")
t.put("internet", p.icmp(p.OUTSIDE, p.TAX, 5, 1, elsewhere, quoted), "icmp-redirect")
t.there("PA", b"goes on")
t.back("A")
t.write()
