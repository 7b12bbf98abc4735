"""IPv6"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct
a_mac, a, a_port = "02:00:5e:10:00:01", "2001:db8:1::11", "02:00:5e:00:00:01"
b_mac, b, b_port = "02:00:5e:10:00:02", "2001:db8:2::40", "02:00:5e:00:00:02"

def there(flags, seq, ack=0, source=a, destination=b, port=443, next_header=6, before=b""):
    body = before + p.segment(source, destination, 40000, port, flags, seq, ack)
    return p.ipv6(a_mac, a_port, source, destination, next_header, body)

def back(flags, seq, ack):
    return p.ipv6(b_mac, b_port, b, a, 6, p.segment(b, a, 443, 40000, flags, seq, ack))

pad = bytes([6, 0, 1, 4, 0, 0, 0, 0])                   # options: next header TCP, PadN
fragment = struct.pack("!BBHI", 6, 0, 1, 7)             # offset 0, more to come
solicit = struct.pack("!BBHI", 135, 0, 0, 0) + bytes(16)  # RFC 4861 section 4.3
p.write("in-mynumber.pcap", [
    (0.0, there("S", 1000)),
    (0.2, there("A", 1001, 5001)),
    (0.3, there("S", 1000, port=80)),
    (0.4, there("S", 1000, next_header=0, before=pad)),
    (0.5, there("S", 1000, next_header=60, before=pad)),
    (0.6, there("S", 1000, next_header=43, before=pad)),
    (0.7, there("S", 1000, next_header=44, before=fragment)),
    (0.8, there("S", 1000, source="::ffff:10.1.0.11")),
    (0.9, there("S", 1000, source="::1")),
    (1.0, there("S", 1000, source="2001:db8:2::40", destination="2001:db8:2::99")),
    (1.1, p.ipv6(a_mac, "33:33:ff:00:00:01", a, "ff02::1:ff00:1", 58, solicit)),
])
p.write("in-lgwan.pcap", [(0.1, back("SA", 5000, 1001))])
