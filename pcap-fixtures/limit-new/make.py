"""More new connections in a second than a rule and a source may open"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def office(number):
    return p.Host(f"02:00:5e:10:01:{number:02x}", f"10.1.0.{number}", "02:00:5e:00:00:01")

frames = []
for n in range(8):                               # one host, eight in a tenth of a second
    frames.append((n * 0.0125, p.tcp(office(11), p.ELTAX, 1001 + n, 443, "S")))
for n in range(8):                               # eight hosts, one each
    frames.append((0.1 + n * 0.0125, p.tcp(office(21 + n), p.ELTAX, 1001, 443, "S")))
frames.append((1.4, p.tcp(office(11), p.ELTAX, 1101, 443, "S")))
p.write("in-office.pcap", frames)
