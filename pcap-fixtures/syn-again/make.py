"""SYN and SYN+ACK sent again"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

t = talk.Talk()
t.there("S")
for pause in (0.9, 1.9):
    t.wait(pause)
    t.there("S", seq=1000)
t.next = [70_000_000, 5000]
t.wait(3.9)
t.there("S")
t.back("SA")
t.wait(0.9)
t.back("SA", seq=5000)
t.there("A")
t.there("PA", b"hello")
t.back("A")
t.write()
