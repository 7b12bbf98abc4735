"""nmap -sY and -sZ: SCTP INIT and COOKIE ECHO scans"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import struct

import packets as p


def sctp(source, destination, port, chunk):
    """RFC 9260 section 3: common header with a checksum of zero, one chunk."""
    body = struct.pack("!HHII", 50000, port, 0, 0) + chunk
    return p.ethernet(source, p.ipv4(source.ip, destination.ip, 132, body))


init = struct.pack("!BBHIIHHI", 1, 0, 20, 0xDECAF000, 32768, 10, 2048, 0xDEADBEEF)
cookie_echo = struct.pack("!BBH", 10, 0, 8) + bytes(4)
t = talk.Talk()
for chunk in (init, cookie_echo):
    t.put("mynumber", sctp(p.TAX, p.ELTAX, 443, chunk), "service-not-listed")
    t.put("mynumber", sctp(p.OTHER, p.ELTAX, 443, chunk), "host-unknown")
    t.put("internet", sctp(p.OUTSIDE, p.TAX, 443, chunk), "zone-closed")
t.write()
