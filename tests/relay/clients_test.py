#!/usr/bin/python3
"""Clients as they are met, handing in mail by STARTTLS with the relay's certificate verified: swaks, curl, s-nail, msmtp,
Postfix; `openssl s_client` with a certificate of its own.  Each one's mail must come out at the next hop."""
import email
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import Authority  # noqa: E402
from relay_daemon import Daemon, skip_unless_possible, wait_for  # noqa: E402

NET, PORT = "127.0.13", 26901
RELAY = """
relay mail club from internet to lgwan {{
    recipients "*@club.example.lg.jp"
    next-hop {net}.2 port SINK_PORT
    listen port 2526
    unknown-senders ignore
    tls required  certificate "{work}/gate.crt" key "{work}/gate.key" client-ca "{work}/ca.crt"
    body text
    attachment {{ any strip }}
    for "test"  owner "test"  approved "test"
}}
"""
MASTER = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
"""


def mail(name):
    return (f"From: you@supplier.example.com\nTo: {name}@town.example.lg.jp\nSubject: from {name}\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
            ".a line with a dot\n.\n日本語の本文\n").encode()


def run(command, text, **words):
    return subprocess.run(command, input=text, capture_output=True, timeout=20, check=False, **words)


def swaks(work, to):
    (work / "mail").write_bytes(mail(to))
    return run(["swaks", "--server", f"127.0.0.1:{PORT}", "--tls", "--tls-verify", "--tls-ca-path", f"{work}/ca.crt",
                "--ehlo", "client.example", "--from", "you@supplier.example.com",
                "--to", f"{to}@town.example.lg.jp", "--data", f"@{work}/mail"], b"")


def curl(work, to):
    (work / "mail").write_bytes(mail(to).replace(b"\n", b"\r\n"))
    return run(["curl", "-sS", "--ssl-reqd", "--cacert", f"{work}/ca.crt", f"smtp://localhost:{PORT}/client.example",
                "--mail-from", "you@supplier.example.com", "--mail-rcpt", f"{to}@town.example.lg.jp",
                "--upload-file", f"{work}/mail"], b"")


def msmtp(work, to):
    return run(["msmtp", "--host=localhost", f"--port={PORT}", "--tls=on", "--tls-starttls=on",
                f"--tls-trust-file={work}/ca.crt", "--domain=client.example", "--from=you@supplier.example.com", "--auth=off",
                f"{to}@town.example.lg.jp"], mail(to), env={**os.environ, "HOME": str(work)})


def s_nail(work, to):
    return run(["s-nail", "-:/", "-Sv15-compat", f"-Smta=smtp://localhost:{PORT}", "-Ssmtp-use-starttls", "-Ssmtp-auth=none", "-Snosave",
                "-Stls-verify=strict", f"-Stls-ca-file={work}/ca.crt", "-Stls-ca-no-defaults", "-Shostname=client.example",
                "-Ssmtp-hostname=", "-Sfrom=you@supplier.example.com", "-r", "you@supplier.example.com", "-s", f"from {to}",
                f"{to}@town.example.lg.jp"], ".a line with a dot\n.\nhello\n".encode(), env={**os.environ, "HOME": str(work)})


def postfix(work, to):
    """An instance of its own; stopped by its own command."""
    folder = work / "postfix"
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
        (folder / name).chmod(0o755)
    folder.chmod(0o755)
    shutil.chown(folder / "data", "postfix")
    etc = folder / "etc"
    (etc / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n"
        f"maillog_file = {folder}/mail.log\nmaillog_file_prefixes = {folder}\nmyhostname = mx.supplier.example.com\n"
        f"mydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nalias_maps =\nrelayhost = [127.0.0.1]:{PORT}\n"
        f"smtp_tls_security_level = verify\nsmtp_tls_CAfile = {work}/ca.crt\nsmtp_tls_verify_cert_match = localhost\n"
        "smtp_dns_support_level = disabled\nsmtp_host_lookup = native\nlocal_transport = error:none\n")
    (etc / "master.cf").write_text(MASTER)
    if os.path.exists("/etc/postfix/dynamicmaps.cf"):
        shutil.copy("/etc/postfix/dynamicmaps.cf", etc)
    started = run(["postfix", "-c", str(etc), "start"], b"")
    sent = run(["sendmail", "-C", str(etc), "-i", "-f", "you@supplier.example.com", f"{to}@town.example.lg.jp"], mail(to))
    return sent if started.returncode == 0 else started


def openssl(work, to):
    """With a client certificate; the dialog by hand, each line after its answer as far as a pipe lets one."""
    talk = (f"EHLO client.example\r\nMAIL FROM:<you@supplier.example.com>\r\nRCPT TO:<{to}@club.example.lg.jp>\r\n").encode()
    process = subprocess.Popen(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{PORT + 1}", "-quiet",
                                "-verify_return_error", "-CAfile", f"{work}/ca.crt", "-cert", f"{work}/client.crt",
                                "-key", f"{work}/client.key"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = b""
    for line, answer in ((talk.splitlines(True)[0], b"250 HELP"), (b"".join(talk.splitlines(True)[1:]) + b"DATA\r\n", b"354 "),
                         (mail(to).replace(b"\n.", b"\n..").replace(b"\n", b"\r\n") + b".\r\n", b"kept as"), (b"QUIT\r\n", b"221 ")):
        process.stdin.write(line)
        process.stdin.flush()
        while answer not in said:
            part = process.stdout.readline()
            if not part:
                break
            said += part
    process.stdin.close()
    process.wait(timeout=10)
    return subprocess.CompletedProcess([], 0 if b"kept as" in said else 1, said, b"")


def main():
    skip_unless_possible()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="sekisho-clients-") as folder:
        work = pathlib.Path(folder)
        authority = Authority(f"{work}/ca")
        authority.issue("localhost", f"{work}/gate")
        authority.issue("client.example", f"{work}/client")
        daemon = Daemon(folder, NET, PORT, more=RELAY.format(net=NET, work=work), listen=(f"club=127.0.0.1:{PORT + 1}",),
                        items=f'unknown-senders ignore  tls required  certificate "{work}/gate.crt" key "{work}/gate.key"')
        try:
            for client in (swaks, curl, msmtp, s_nail, postfix, openssl):
                name = client.__name__.replace("_", "-")
                if not shutil.which(name):
                    print(f"{name}: not installed")
                    failures += 1
                    continue
                done = client(work, name)
                came = done.returncode == 0 and wait_for(10, lambda n=name: any(to[0].startswith(n + "@") for to, _ in daemon.sink.mails))
                text = next((text for to, text in daemon.sink.mails if to[0].startswith(name + "@")), b"")
                body = email.message_from_bytes(text).get_payload(decode=True) or b""
                if done.returncode != 0 or not came or not re.search(rb"with (ESMTPS|SMTP) \(TLSv1.3", text) or not body.startswith(b".a line with a dot\r\n.\r\n"):
                    failures += 1
                    print(f"{name}: {done.returncode}\n{done.stdout.decode()[-1500:]}\n{done.stderr.decode()[-1500:]}\n{text.decode()}")
            log = work / "postfix/mail.log"
            if log.exists() and "Verified TLS connection established" not in log.read_text() and "status=sent" not in log.read_text():
                print(log.read_text()[-2000:])
        finally:
            if (work / "postfix/etc/master.cf").exists():
                run(["postfix", "-c", str(work / "postfix/etc"), "stop"], b"")
            daemon.stop()
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
