"""nmap -sI: the idle scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
probe = lambda source: p.tcp(source, p.ELTAX, 50000, 443, "SA", 1, 1)
t.put("mynumber", probe(p.TAX), "not-opened")      # the zombie is in lgwan
t.put("mynumber", probe(p.OTHER), "host-unknown")
t.put("internet", p.tcp(p.OUTSIDE, p.ELTAX, 50000, 443, "SA", 1, 1), "zones-split")
in_name_of = lambda host, card: p.Host(card.mac, host.ip, card.gateway)
t.put("internet", p.tcp(in_name_of(p.ELTAX, p.OUTSIDE), p.TAX, 443, 443, "S"), "source-not-of-zone")
t.put("mynumber", p.tcp(in_name_of(p.TAX, p.OTHER), p.ELTAX, 50000, 443, "S"), "mac-mismatch")
t.put("lgwan", p.tcp(in_name_of(p.TAX, p.ELTAX), p.ELTAX, 50000, 443, "S"), "source-not-of-zone")
t.write()
