"""nmap -sX: FIN, PSH and URG"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk()
for port in (443, 22):
    t.put("mynumber", p.tcp(p.TAX, p.ELTAX, 41000, port, 'FPU', window=1024), "tcp-bad-flags")
t.put("mynumber", p.tcp(p.OTHER, p.ELTAX, 41000, 443, 'FPU', window=1024), 'tcp-bad-flags')
t.put("internet", p.tcp(p.OUTSIDE, p.TAX, 41000, 443, 'FPU', window=1024), 'tcp-bad-flags')
# The same within a connection that is open.
t.handshake()
t.there('FPU', ack=t.next[1], expect='tcp-bad-flags', seq=t.next[0] + 0, window=1024)
t.there("PA", b"goes on")
t.write()
