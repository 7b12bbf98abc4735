"""UDP, one way and two ways"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import packets as p

t = talk.Talk(zones=("office", "lgwan"), rule="rules:9")
ask = lambda port, expect="pass": t.put("office", p.udp(p.TAX, p.ELTAX, port, 161, b"get"), expect)
answer = lambda port, expect="pass": t.put("lgwan", p.udp(p.ELTAX, p.TAX, 161, port, b"is"), expect)
answer(50000, "not-listed")     # nobody asked
ask(50000)
t.wait(59)
answer(50000)                   # in time
t.wait(149)
answer(50000)                   # still two ways
t.wait(149)
ask(50000)
t.wait(152)
answer(50000, "not-listed")     # forgotten
ask(50001)
t.wait(62)
answer(50001, "not-listed")     # nobody answered for a minute
ask(50001)
answer(50002, "not-listed")     # another port
t.put("office", p.udp(p.TAX, p.ELTAX, 50000, 162, b"get"), "service-not-listed")
t.write()
