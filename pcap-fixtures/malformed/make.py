"""Headers that are not whole or contradict themselves"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct
good = p.tcp(p.TAX, p.ELTAX, 40000, 443, "S")
query = p.udp(p.TAX, p.ELTAX, 40000, 443, b"0123456789")

def changed(frame, at, value):
    frame = frame[:at] + bytes(value) + frame[at + len(value):]
    header = frame[14:24] + b"\0\0" + frame[26:34]
    return frame[:24] + struct.pack("!H", p.checksum(header)) + frame[26:]

p.write("in-mynumber.pcap", [
    good[:10],
    good[:20],
    changed(good, 14, [0x44]),
    changed(good, 14, [0x4F])[:40],
    changed(good, 14, [0x65]),
    changed(good, 16, [0, 41]),
    changed(good, 16, [0, 19]),
    changed(good, 16, [0, 39]),
    changed(good, 46, [0x40]),
    changed(good, 46, [0xF0]),
    changed(query, 16, [0, 26]),
    changed(query, 38, [0, 17]),
    changed(query, 38, [0, 19]),
    changed(good, 22, [1]),
    good[:12] + b"\x88\xcc" + good[14:],
    good[:12] + b"\x00\x26" + good[14:],
    good[:6] + b"\x03" + good[7:],
])
