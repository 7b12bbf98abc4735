"""Scaled windows"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

scale = b"\x01\x03\x03\x07"


def flight(t, expect):
    """250 KB under way, unacknowledged; `expect` for what lies beyond 64 KiB."""
    t.back("A", window=2048)  # 262,144 octets if scaled
    for number in range(250):
        beyond = 2048 if expect != "pass" else 1 << 30
        verdict = "pass" if (number + 1) * 1000 <= beyond else expect
        if verdict == "pass" or number % 50 == 49:
            t.there("A", b"d" * 1000, seq=None if verdict == "pass" else t.next[0] + 1000 * number,
                    expect=verdict)


t = talk.Talk(step=0.001)
t.there("S", tcp_options=scale)
t.back("SA", tcp_options=scale)
t.there("A", window=2048)
flight(t, "pass")
t.back("A", window=2048)
t.there("FA", window=2048)

other = talk.Talk(step=0.001, ports=(40001, 443))
other.now, other.lines, other.frames = t.now, t.lines, t.frames
other.there("S", tcp_options=scale, window=2048)
other.back("SA", window=2048)
other.there("A", window=2048)
flight(other, "tcp-out-of-window")
other.write()
