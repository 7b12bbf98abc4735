"""Wrong IPv4 header checksums"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

right = p.tcp(p.TAX, p.ELTAX, 40000, 443, "S")
wrong = [p.tcp(p.TAX, p.ELTAX, 40000, 443, "S", wrong=n) for n in (1, 0x100)]
for at in range(14, 34):
    wrong.append(right[:at] + bytes([right[at] ^ 0x01]) + right[at + 1:])
p.write("in-mynumber.pcap", wrong + [right])
