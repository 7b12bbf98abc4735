"""Builds the captures of this folder, octet by octet, with nothing but the standard library.

    import packets as p
    p.write("in-lgwan.pcap", [p.tcp(p.ELTAX, p.TAX, 443, 40000, "SA")])  # came in by that zone's port

Every packet has a time, a tenth of a second after the one before unless said otherwise.
"""
import ipaddress
import pathlib
import struct
import sys

START = 1795143600  # 2026-11-20T03:00:00Z, noon in Japan


class Host:
    """A network card with its address and the MAC of the gateway's port before it."""

    def __init__(self, mac, ip, gateway):
        self.mac, self.ip, self.gateway = mac, ip, gateway


TAX = Host("02:00:5e:10:00:01", "10.1.0.11", "02:00:5e:00:00:01")    # listed, mynumber
OTHER = Host("02:00:5e:10:00:12", "10.1.0.12", "02:00:5e:00:00:01")  # not listed, mynumber
ELTAX = Host("02:00:5e:10:00:02", "10.2.0.40", "02:00:5e:00:00:02")  # listed, lgwan
OUTSIDE = Host("02:00:5e:30:00:50", "10.3.0.50", "02:00:5e:00:00:03")  # anybody, internet
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ethernet(source, payload, ethertype=0x0800, to_mac=None, from_mac=None):
    return (mac(to_mac or source.gateway) + mac(from_mac or source.mac) +
            struct.pack("!H", ethertype) + payload)


def ipv4(source, destination, protocol, payload, ttl=64, fragment=0x4000, options=b"", wrong=0,
         number=7):
    """`fragment`: flags and offset; `wrong`: added to the right header checksum."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                         20 + len(options) + len(payload), number, fragment, ttl, protocol, 0,
                         ipaddress.ip_address(source).packed,
                         ipaddress.ip_address(destination).packed) + options
    sum_ = (checksum(header) + wrong) & 0xFFFF
    return header[:10] + struct.pack("!H", sum_) + header[12:] + payload


def segment(source_ip, destination_ip, source_port, destination_port, flags, seq, ack, data=b"",
            window=65535, options=b""):
    """A TCP segment with its checksum, RFC 9293 section 3.1.  `options`: whole words."""
    bits = sum(FLAGS[letter] for letter in flags)
    body = struct.pack("!HHIIBBHHH", source_port, destination_port, seq, ack,
                       5 + len(options) // 4 << 4, bits, window, 0, 0) + options + data
    source, destination = (ipaddress.ip_address(ip).packed for ip in (source_ip, destination_ip))
    pseudo = source + destination + struct.pack("!II", len(body), 6) if len(source) == 16 else \
        source + destination + struct.pack("!BBH", 0, 6, len(body))
    return body[:16] + struct.pack("!H", checksum(pseudo + body)) + body[18:]


def tcp(source, destination, source_port, destination_port, flags, seq=1000, ack=0, data=b"",
        frame=None, window=65535, tcp_options=b"", **ip):
    """`frame`: keywords of ethernet(), the others are of ipv4()."""
    body = segment(source.ip, destination.ip, source_port, destination_port, flags, seq, ack, data,
                   window, tcp_options)
    return ethernet(source, ipv4(source.ip, destination.ip, 6, body, **ip), **(frame or {}))


def udp(source, destination, source_port, destination_port, data=b"", **ip):
    body = struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0) + data
    return ethernet(source, ipv4(source.ip, destination.ip, 17, body, **ip))


def icmp(source, destination, kind, code=0, rest=bytes(4), data=b"", **ip):
    """RFC 792: `rest` is the second word (identifier and sequence number, next hop's MTU …)."""
    body = struct.pack("!BBH", kind, code, 0) + rest + data
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    return ethernet(source, ipv4(source.ip, destination.ip, 1, body, **ip))


def arp(operation, sender_mac, sender_ip, target_ip, to_mac="ff:ff:ff:ff:ff:ff", from_mac=None):
    message = (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + mac(sender_mac) +
               ipaddress.ip_address(sender_ip).packed + bytes(6) +
               ipaddress.ip_address(target_ip).packed)
    frame = mac(to_mac) + mac(from_mac or sender_mac) + struct.pack("!H", 0x0806) + message
    return frame + bytes(60 - len(frame))


def group_mac(group):
    """RFC 2464 section 7."""
    return "33:33:" + ":".join(f"{octet:02x}" for octet in ipaddress.ip_address(group).packed[12:])


def solicited_node(target):
    """RFC 4291 section 2.7.1."""
    return str(ipaddress.ip_address(ipaddress.ip_address("ff02::1:ff00:0").packed[:13] +
                                    ipaddress.ip_address(target).packed[13:]))


def icmp6(source_mac, to_mac, source, destination, kind, rest, hops=255, wrong=0):
    """RFC 4443 with its checksum; `rest`: what follows it; `wrong`: added to the right checksum."""
    body = struct.pack("!BBH", kind, 0, 0) + rest
    ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    sum_ = (checksum(ends + struct.pack("!II", len(body), 58) + body) + wrong) & 0xFFFF
    body = body[:2] + struct.pack("!H", sum_) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), 58, hops) + ends
    return mac(to_mac) + mac(source_mac) + struct.pack("!H", 0x86DD) + header + body


def solicitation(source_mac, source, target, link=None, **more):
    """RFC 4861 section 4.3; `link`: another source link-layer address than the frame's, "" for none."""
    group = solicited_node(target)
    link = source_mac if link is None else link
    option = b"\x01\x01" + mac(link) if link else b""
    return icmp6(source_mac, group_mac(group), source, group, 135,
                 bytes(4) + ipaddress.ip_address(target).packed + option, **more)


def advertisement(source_mac, target, to_mac, to, link=None, source=None, flags=0x60000000, **more):
    """RFC 4861 section 4.4."""
    option = b"\x02\x01" + mac(source_mac if link is None else link)
    return icmp6(source_mac, to_mac, source or target, to, 136,
                 struct.pack("!I", flags) + ipaddress.ip_address(target).packed + option, **more)


def ipv6(source_mac, gateway_mac, source, destination, next_header, payload):
    header = struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
    return (mac(gateway_mac) + mac(source_mac) + struct.pack("!H", 0x86DD) + header +
            ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed + payload)


def datagram(source_port, destination_port, data):
    """A UDP datagram without a checksum (RFC 768), to be cut into fragments."""
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0) + data


def fragments(source, destination, protocol, message, cuts, number=7, **ip):
    """IPv4 fragments of `message`: (from, to) in octets each; the one that ends it says so.  RFC 791 section 3.2."""
    return [ethernet(source, ipv4(source.ip, destination.ip, protocol, message[begin:end], number=number,
                                  fragment=begin // 8 | (0x2000 if end < len(message) else 0), **ip))
            for begin, end in cuts]


def fragment_header(next_header, offset, more, number=7):
    """RFC 8200 section 4.5."""
    return struct.pack("!BBHI", next_header, 0, offset & 0xFFF8 | more, number)


def write(name, frames, start=START, step=0.1):
    """A pcap with microseconds, beside make.py or in the folder given to it.  A frame may be (seconds after
    `start`, octets)."""
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(sys.argv[0]).parent)
    with open(folder / name, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            after, octets = frame if isinstance(frame, tuple) else (number * step, frame)
            micros = round((start + after) * 1_000_000)
            file.write(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(octets),
                                   len(octets)) + octets)
