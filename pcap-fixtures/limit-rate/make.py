"""More packets in a second than a rule may carry"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

def office(number):
    return p.Host(f"02:00:5e:10:01:{number:02x}", f"10.1.0.{number}", "02:00:5e:00:00:01")

send = lambda host, port: p.udp(host, p.ELTAX, port, 514, b"log")
p.write("in-office.pcap", [(n * 0.001, send(office(11 + n % 2), 5000)) for n in range(16)] +
        [(0.6, send(office(11), 5000)), (0.601, send(office(12), 5000)), (0.602, send(office(11), 5000)),
         (0.9, p.udp(office(11), p.ELTAX, 5001, 514, b"log"))])
