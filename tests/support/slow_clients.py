"""Clients that drip their mail, a line and then an octet at a time, by DATA, by BDAT, or that say nothing at all."""
import socket

ENVELOPE = b"EHLO slow.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<slow@town.example.lg.jp>\r\n"
TALKS = (ENVELOPE + b"DATA\r\n", ENVELOPE + b"BDAT 1000000 LAST\r\n", b"")


class Slow:
    def __init__(self, number, port):
        self.lines = [line + b"\r\n" for line in TALKS[number % 3].split(b"\r\n") if line]
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.ended = False

    def drip(self):
        """One more line, then one more octet of a mail that never ends."""
        try:
            self.ended = self.socket.recv(4096) == b"" or self.ended
        except BlockingIOError:
            pass
        except OSError:
            self.ended = True
        if self.ended:
            return
        try:
            self.socket.send(self.lines.pop(0) if self.lines else b"x")
        except OSError:
            self.ended = True

    def close(self):
        self.socket.close()
