"""IPv4 options"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def with_options(options):
    return p.tcp(p.TAX, p.ELTAX, 40000, 443, "S", options=options)

p.write("in-mynumber.pcap", [
    with_options(bytes([0x83, 7, 4, 10, 3, 0, 50, 0])),
    with_options(bytes([0x07, 7, 4, 0, 0, 0, 0, 0])),
    with_options(bytes([0x44, 8, 5, 0, 0, 0, 0, 0])),
    with_options(bytes([0x94, 4, 0, 0])),
    with_options(bytes([1, 1, 1, 0])),
    with_options(bytes([0x89, 7, 4, 10, 3, 0, 50, 0])),
    with_options(bytes([0x94, 5, 0, 0])),
    with_options(bytes([1, 1, 1, 0x94])),
])
