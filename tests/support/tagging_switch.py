#!/usr/bin/python3
"""A switch with a trunk, for kernels without VLAN interfaces: what comes in by a port leaves by the trunk with the
port's tags, and the other way round.

    tagging_switch.py TRUNK PORT=101 PORT=200.102 PORT=

A port without number is the trunk's untagged side.  Runs until it is ended.
"""
import select
import socket
import struct
import sys

ETH_P_ALL, PACKET_AUXDATA, SOL_PACKET, PACKET_OUTGOING = 3, 8, 263, 4
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
LONGEST = 65536


def opened(interface):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    one.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    one.bind((interface, ETH_P_ALL))
    one.setblocking(False)
    return one


def tags_of(text):
    numbers = [int(number) for number in text.split('.')] if text else []
    if len(numbers) == 2:
        return struct.pack('!HHHH', 0x88A8, numbers[0], 0x8100, numbers[1])
    return struct.pack('!HH', 0x8100, numbers[0]) if numbers else b''


def received(one):
    """The frame as it was on the wire, or None where it was our own."""
    frame, extra, _, sender = one.recvmsg(LONGEST, 256)
    if sender[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in extra:
        if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
            continue
        status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', data[:20])
        if status & TP_STATUS_VLAN_VALID:
            kind = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
            frame = frame[:12] + struct.pack('!HH', kind, tci) + frame[12:]
    return frame


def main(trunk_name, *port_names):
    trunk = opened(trunk_name)
    ports = [(opened(name), tags_of(tags)) for name, tags in (p.split('=') for p in port_names)]
    ports.sort(key=lambda port: -len(port[1]))  # two tags before one before none
    by_socket = {one: tags for one, tags in ports}
    while True:
        for one in select.select([trunk, *by_socket], [], [])[0]:
            try:
                while True:
                    frame = received(one)
                    if frame is None:
                        continue
                    if one is not trunk:
                        tags = by_socket[one]
                        trunk.send(frame[:12] + tags + frame[12:])
                        continue
                    for port, tags in ports:
                        if frame[12:12 + len(tags)] == tags:
                            port.send(frame[:12] + frame[12 + len(tags):])
                            break
            except (BlockingIOError, OSError):
                continue


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
