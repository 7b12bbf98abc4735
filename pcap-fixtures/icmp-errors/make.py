"""ICMP errors of known and unknown flows"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import struct

import packets as p

t = talk.Talk()
ports = struct.pack("!HH", 40000, 443)


def error(kind, code=0, rest=bytes(4), source=p.TAX, destination=p.ELTAX, transport=None, seq=1001,
          sender=p.ELTAX):
    """From lgwan, about a TCP packet of tax-01."""
    transport = ports + struct.pack("!I", seq) if transport is None else transport
    quoted = p.ipv4(source.ip, destination.ip, 6, transport)
    quoted = quoted[:2] + struct.pack("!H", 60) + quoted[4:]
    quoted = quoted[:10] + bytes(2) + quoted[12:]
    quoted = quoted[:10] + struct.pack("!H", p.checksum(quoted[:20])) + quoted[12:]
    return p.icmp(sender, p.TAX, kind, code, rest, quoted)


t.put("lgwan", error(3, 3), "zone-closed")                             # there is no flow yet
t.handshake()
t.there("PA", b"hello")
t.put("lgwan", error(3, 4, struct.pack("!HH", 0, 1400)))               # fragmentation needed
t.put("lgwan", error(11))                                              # time exceeded
t.put("lgwan", error(3, 3, transport=struct.pack("!HHI", 40009, 443, 1001)), "zone-closed")
t.put("lgwan", error(3, 3, source=p.ELTAX, destination=p.TAX), "zone-closed")  # about a packet of its own
t.put("lgwan", error(3, 3, transport=ports[:3]), "zone-closed")        # quotes too little
t.put("lgwan", error(3, 3, seq=3_000_000_000), "tcp-out-of-window")    # guessed
t.put("lgwan", error(4), "zone-closed")                                # source quench, RFC 6633
t.put("lgwan", error(3, 4, struct.pack("!HH", 0, 1300),
                     sender=p.Host(p.ELTAX.mac, "10.2.0.254", p.ELTAX.gateway)))  # a router before eltax
t.put("lgwan", error(3, 3, sender=p.Host(p.ELTAX.mac, "10.2.0.254", p.ELTAX.gateway)), "zone-closed")
t.put("lgwan", error(3, 4, sender=p.Host(p.ELTAX.mac, "10.3.0.9", p.ELTAX.gateway)),
      "source-not-of-zone", talk.LISTED)                               # in the name of another zone
t.put("lgwan", error(3, 3, sender=p.Host("02:00:5e:10:00:77", "10.2.0.77", p.ELTAX.gateway)),
      "mac-mismatch", talk.LISTED)                                     # another host of its zone
t.there("PA", b"goes on")
t.back("A")
t.put("lgwan", error(3, 3))
t.goodbye()
t.wait(70)
t.put("lgwan", error(3, 3), "zone-closed")                             # the flow is forgotten
t.write()
