"""A conversation between two hosts, packet by packet, each with the verdict that is right for it.

    t = talk.Talk()
    t.handshake()                                # three packets that pass
    t.there("PA", data=b"hello")                 # the opener's, in sequence
    t.back("R", seq=t.next[1] + 90_000, expect="tcp-out-of-window")
    t.write()                                    # in-mynumber.pcap, in-lgwan.pcap

With EXPECT=1 in the environment, write() also writes expect.txt from these words.  Sequence numbers go on by
themselves; `seq` and `ack` name others, which do not count as sent.
"""
import os
import pathlib
import sys

import packets as p

LISTED = "three-zones.rules:10"  # the permit of most cases
# Reasons that a rule's flow gives, and so name its rule.
OF_A_RULE = ("pass", "not-opened", "bad-tcp-state", "tcp-out-of-window", "ttl-expired", "rule-expired")


class Talk:
    def __init__(self, opener=p.TAX, answerer=p.ELTAX, zones=("mynumber", "lgwan"), ports=(40000, 443),
                 first=(1000, 5000), rule=LISTED, step=0.1):
        """`first`: initial sequence numbers; `rule`: the label expected beside a pass."""
        self.hosts, self.zones, self.ports = (opener, answerer), zones, ports
        self.rule, self.step, self.now = rule, step, 0.0
        self.next = list(first)  # the sequence number each side sends next
        self.lines, self.frames = [], {zone: [] for zone in zones}

    def wait(self, seconds):
        self.now += seconds

    def put(self, zone, frame, expect="pass", rule=None):
        """Any frame, in by the port of `zone`."""
        self.frames.setdefault(zone, []).append((round(self.now, 6), frame))
        has_rule = expect in OF_A_RULE
        verdict, reason = ("pass", "-") if expect == "pass" else ("drop", expect)
        self.lines.append(f"{len(self.lines) + 1} {zone} {verdict} {reason} "
                          f"{rule or (self.rule if has_rule else '-')}")
        self.now += self.step

    def segment(self, side, flags, data=b"", seq=None, ack=None, expect="pass", rule=None, **more):
        number = self.next[side] if seq is None else seq
        if ack is None:
            ack = self.next[1 - side] if "A" in flags else 0
        frame = p.tcp(self.hosts[side], self.hosts[1 - side], self.ports[side], self.ports[1 - side],
                      flags, number % 2**32, ack % 2**32, data, **more)
        if seq is None:
            self.next[side] += len(data) + ("S" in flags) + ("F" in flags)
        self.put(self.zones[side], frame, expect, rule)

    def there(self, flags, data=b"", **more):
        self.segment(0, flags, data, **more)

    def back(self, flags, data=b"", **more):
        self.segment(1, flags, data, **more)

    def handshake(self, **more):
        self.there("S", **more)
        self.back("SA", **more)
        self.there("A")

    def goodbye(self):
        """Each side's FIN and its ACK, the opener's first."""
        self.there("FA")
        self.back("A")
        self.back("FA")
        self.there("A")

    def write(self):
        for zone, frames in self.frames.items():
            p.write(f"in-{zone}.pcap", frames)
        if os.environ.get("EXPECT") == "1":
            text = "# n zone verdict reason rule\n" + "\n".join(self.lines) + "\n"
            (pathlib.Path(sys.argv[0]).parent / "expect.txt").write_text(text)
