"""Reads nmap's XML from standard input and prints each port of which an answer told something:
ADDRESS/PROTOCOL/PORT STATE, sorted.  Silence ("filtered", "open|filtered" without a response) is left out.
"""
import sys
import xml.etree.ElementTree as xml

SILENCE = ("no-response", "")


def main():
    shown = []
    for host in xml.parse(sys.stdin).getroot().iter("host"):
        address = host.find("address").get("addr")
        for port in host.iter("port"):
            state = port.find("state")
            if state.get("reason") in SILENCE:
                continue
            shown.append(f"{address}/{port.get('protocol')}/{port.get('portid')} {state.get('state')}")
        # Ports of one state beyond a few are only counted.
        for extra in host.iter("extraports"):
            for reason in extra.iter("extrareasons"):
                if reason.get("reason") not in ("no-responses", "no-response"):
                    shown.append(f"{address}/{reason.get('proto')}/{reason.get('ports')} "
                                 f"{extra.get('state')} {reason.get('reason')}")
    print("\n".join(sorted(shown)))


if __name__ == "__main__":
    main()
