"""The mail half on loopback, for script tests: sekishod without packets, a next hop that keeps what it gets, and a
client of the plainest kind.  Standard library only."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(os.environ.get("SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
SEKISHOD = BUILD / "gateway/role/sekishod"
SEKISHO = BUILD / "gateway/cli/sekisho"

RULES = """
zone lgwan {{ port "none-l"  network {net}.0/24  address {net}.1 }}
zone internet {{ port "none-i"  network 10.77.3.0/24  address 10.77.3.1  outside }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp"
    next-hop {net}.2 port {port}
    listen port 2525
    body text
    size {size}
    attachment {{ {attachments} }}
    {items}
    for "test"  owner "test"  approved "test"
}}
{more}
"""


def skip_unless_possible():
    if os.geteuid() != 0:
        print("needs root: the roles drop to users of their own")
        sys.exit(77)
    for program in (SEKISHOD, SEKISHO):
        if not program.exists():
            print(f"not built: {program}")
            sys.exit(77)


class Sink:
    """A next hop.  `mails` holds (recipients, octets) of what it said 250 to, `raw` the same as it came, dots and all."""

    def __init__(self, address):
        self.mails, self.raw = [], []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, 0))
        self.listener.listen(100)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        file = connection.makefile("rwb")

        def say(line):
            file.write(line + b"\r\n")
            file.flush()
        try:
            say(b"220 sink.example")
            recipients = []
            for line in file:
                word = line[:4].upper()
                if word == b"MAIL":
                    recipients = []
                if word == b"RCPT":
                    recipients.append(line[9:line.index(b">")].decode())
                if word == b"DATA":
                    say(b"354 go")
                    text, raw = b"", b""
                    for part in file:
                        raw += part
                        if part == b".\r\n":
                            break
                        text += part[1:] if part.startswith(b".") else part
                    else:
                        return
                    self.raw.append(raw)
                    self.mails.append((recipients, text))
                say(b"250-sink.example\r\n250 PIPELINING" if word == b"EHLO" else b"250 2.0.0 ok")
                if word == b"QUIT":
                    return
        except (OSError, ValueError):
            pass
        finally:
            connection.close()


class Daemon:
    def __init__(self, work, net, listen_port, size="20 MB", more="", listen=(), items="",
                 attachments="any strip", environment=None, rules=RULES, sink=None):
        self.work, self.listen_port = pathlib.Path(work), listen_port
        os.chmod(work, 0o755)
        self.sink = sink or Sink(f"{net}.2")
        path = self.work / "test.rules"
        path.write_text(rules.format(net=net, port=self.sink.port, size=size, more=more.replace("SINK_PORT", str(self.sink.port)),
                                      items=items, attachments=attachments))
        self.log = open(self.work / "sekishod.log", "w", encoding="utf-8")
        self.command = [SEKISHOD, "--rules", path, "--without-packets", "--state", self.work / "state", "--run",
                   self.work / "run", "--listen", f"inbound=127.0.0.1:{listen_port}", "--host-name", "gate.example"]
        for more_listen in listen:
            self.command += ["--listen", more_listen]
        self.environment = environment or {}
        self.start()

    def start(self):
        """Also anew, after stop()."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **self.environment})
        if "ready" not in self.process.stdout.readline():
            raise SystemExit("sekishod did not start:\n" + (self.work / "sekishod.log").read_text())

    def ask(self, *words):
        return subprocess.run([SEKISHO, *words, "--run", self.work / "run"], capture_output=True, text=True,
                              check=False)

    def pid_of(self, role):
        """Of a role that is up; 0 where it is not."""
        text = self.ask("status").stdout
        found = re.search(rf"^{role} +up +(\d+)", text, re.M)
        return int(found.group(1)) if found else 0

    def kill(self, role):
        pid = self.pid_of(role)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


class Client:
    def __init__(self, port, timeout=10, source=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0) if source else None)
        self.file = self.socket.makefile("rb")

    def line(self):
        line = self.file.readline()
        return line.decode(errors="replace").rstrip("\r\n") if line else None

    def reply(self):
        line = self.line()
        while line and line[3:4] == "-":
            line = self.line()
        return line or "closed"

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def send(self, text, recipient="soumu@town.example.lg.jp"):
        for line in ("MAIL FROM:<you@supplier.example.com>", f"RCPT TO:<{recipient}>", "DATA"):
            answer = self.say(line)
            if answer[:1] not in "23":
                return answer
        self.socket.sendall(text + b"\r\n.\r\n")
        return self.reply()


def wait_for(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
