"""nmap -sM: the Maimon scan"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
for port in (443, 22):
    t.put("mynumber", p.tcp(p.TAX, p.ELTAX, 41000, port, 'FA', window=1024), "not-opened" if port == 443 else "service-not-listed")
t.put("mynumber", p.tcp(p.OTHER, p.ELTAX, 41000, 443, 'FA', window=1024), 'host-unknown')
t.put("internet", p.tcp(p.OUTSIDE, p.TAX, 41000, 443, 'FA', window=1024), 'zone-closed')
# The same within a connection that is open.
t.handshake()
t.there('FA', ack=t.next[1], expect='tcp-out-of-window', seq=t.next[0] + 2000000000, window=1024)
t.there("PA", b"goes on")
t.write()
