"""Next hops for script tests: Postfix with TLS, and a scripted one that breaks off at its N-th network operation.
Standard library only."""
import pathlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.out.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = out.example
virtual_mailbox_maps = inline:{{ {{b@out.example = all/}} {{postmaster@out.example = all/}} }}
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/tls.pem
smtpd_tls_key_file = {folder}/tls.key
smtpd_tls_received_header = yes
"""

MASTER_CF = """{address}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - - anvil
showq unix - - n - - showq
flush unix - - n - - flush
proxymap unix - - n - - proxymap
verify unix - - n - - verify
scache unix - - n - - scache
tlsmgr unix - - n 1000? 1 tlsmgr
"""


def make_certificate(folder, name):
    """tls.pem and tls.key in the folder; returns the pin as a rule has it."""
    key, certificate = folder / "tls.key", folder / "tls.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-keyout", key, "-out", certificate, "-subj", f"/CN={name}", "-addext",
                    f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    pin = subprocess.run(f"openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der | "
                         "openssl dgst -sha256 -binary | base64", shell=True, check=True, capture_output=True, text=True)
    return "sha256:" + pin.stdout.strip()


class Postfix:
    """Takes mail for b@out.example over TLS only."""

    def __init__(self, folder, address, port):
        self.folder = pathlib.Path(folder)
        for name in ("etc", "queue", "data", "mail"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", "nobody", "nogroup")
        self.pin = make_certificate(self.folder, "mail.out.example")
        (self.folder / "etc/main.cf").write_text(MAIN_CF.format(folder=self.folder))
        (self.folder / "etc/master.cf").write_text(MASTER_CF.format(address=address, port=port))
        dynamic = pathlib.Path("/etc/postfix/dynamicmaps.cf")
        if dynamic.exists():
            shutil.copy(dynamic, self.folder / "etc")
        subprocess.run(["postfix", "-c", self.folder / "etc", "check"], check=True, capture_output=True)
        self.process = subprocess.Popen(["/usr/lib/postfix/sbin/master", "-c", self.folder / "etc", "-d"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection((address, port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("Postfix did not come up:\n" + (self.folder / "mail.log").read_text())

    def mails(self):
        return [path.read_text(errors="replace") for path in (self.folder / "mail/all/new").glob("*")] \
            if (self.folder / "mail/all/new").is_dir() else []

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


class Broken(Exception):
    """The hop has reached the operation at which it breaks off."""


class Hop:
    """A next hop of the plainest kind.  `break_at` N: its N-th network operation (accepting, each read, each write)
    ends that connection by a reset; every later connection is served well.  Its answers to the final dot count as
    operations too: `mails` holds what it has taken, whether the answer arrived or not.  `offers`: what EHLO says beside
    PIPELINING; `answers`: what is said to a recipient instead of 250; `commands`: all of MAIL and RCPT, as they came."""

    def __init__(self, address, tls=None, password=None, offers=()):
        self.mails, self.break_at, self.operations, self.logins = [], 0, 0, []
        self.offers, self.answers, self.commands = offers, {}, []
        self.tls, self.password = tls, password
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, 0))
        self.listener.listen(100)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def arm(self, number):
        with self.lock:
            self.break_at, self.operations = number, 0

    def operation(self):
        with self.lock:
            self.operations += 1
            if self.operations == self.break_at:
                self.break_at = 0
                raise Broken

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def say(self, connection, line):
        self.operation()
        connection.sendall(line.encode() + b"\r\n")

    def serve(self, connection):
        connection.settimeout(60)
        try:
            self.operation()
            self.say(connection, "220 hop.example")
            self.converse(connection)
        except Broken:  # a reset, not an end in order
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def lines(self, connection):
        kept = b""
        while True:
            while b"\r\n" in kept:
                line, kept = kept.split(b"\r\n", 1)
                yield line
            self.operation()
            octets = connection.recv(65536)
            if not octets:
                return
            kept += octets

    def converse(self, connection, secured=False):
        recipient, sender, text, login = "", "", None, False
        for line in self.lines(connection):
            if text is not None:
                if line == b".":
                    self.mails.append((sender, recipient, text))
                    text = None
                    self.say(connection, "250 2.0.0 taken")
                else:
                    text += (line[1:] if line.startswith(b".") else line) + b"\r\n"
                continue
            word = line[:4].upper()
            if word in (b"MAIL", b"RCPT"):
                self.commands.append(line.decode())
            if word == b"EHLO":
                offers = ["hop.example", *self.offers]
                if self.tls and not secured:
                    offers.append("STARTTLS")
                if self.password and secured:
                    offers.append("AUTH PLAIN")
                self.say(connection, "\r\n".join(f"250-{offer}" for offer in offers) + "\r\n250 PIPELINING")
            elif word == b"STAR":
                self.say(connection, "220 go")
                with self.tls.wrap_socket(connection, server_side=True) as over_tls:
                    self.converse(over_tls, True)
                return
            elif word == b"AUTH":
                self.logins.append(line.decode().split()[-1])
                login = self.logins[-1] == self.password
                self.say(connection, "235 2.7.0 in" if login else f"535 5.7.8 {self.logins[-1]} is wrong")
            elif word == b"MAIL":
                sender = re.search(rb"<([^>]*)>", line).group(1).decode()
                self.say(connection, "250 2.1.0 ok" if login or not self.password else "530 5.7.0 log in")
            elif word == b"RCPT":
                recipient = re.search(rb"<([^>]*)>", line).group(1).decode()
                self.say(connection, self.answers.get(recipient, "250 2.1.5 ok"))
            elif word == b"DATA":
                self.say(connection, "354 go")
                text = b""
            elif word == b"QUIT":
                self.say(connection, "221 bye")
                return
            else:
                self.say(connection, "250 2.0.0 ok")


def server_context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    return context
