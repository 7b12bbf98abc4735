"""Segments no stack sends: null, FIN, Xmas, SYN+FIN scans"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

scans = ["", "F", "FPU", "SF", "SR", "RF", "SFRPAU", "P", "U", "SAF"]
p.write("in-mynumber.pcap",
        [p.tcp(p.TAX, p.ELTAX, 40000, 443, flags) for flags in scans] +
        [p.tcp(p.TAX, p.ELTAX, 40000, 443, "A", 1, 1)])
