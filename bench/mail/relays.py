"""The relays that take turns: the gateway, Postfix passing mail through, Postfix with MIMEDefang doing the same job."""
import os
import pathlib
import shutil
import subprocess
import time

from group import Group

SOURCE = pathlib.Path(os.environ.get("SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
IN, OUT = 24525, 24526  # ports: into the relay, out of it
SINK = "127.0.7.2"

RULES = f"""
zone lgwan {{ port "none-l"  network 127.0.7.0/24  address 127.0.7.1 }}
zone internet {{ port "none-i"  network 10.77.3.0/24  address 10.77.3.1  outside }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp"
    next-hop {SINK} port {OUT}
    body text
    size 20 MB
    mass never
    attachment {{ any strip }}
    for "bench"  owner "bench"  approved "bench"
}}
"""


class Relay:
    """Started by __init__, in a group of its own."""

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.group = Group()

    def child(self, argv, **options):
        return subprocess.Popen(argv, preexec_fn=self.group.join, **options)

    def call(self, argv):
        subprocess.run(argv, check=True, preexec_fn=self.group.join, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


class Gateway(Relay):
    name = "sekisho"

    def __init__(self, work):
        super().__init__(work)
        rules = self.work / "bench.rules"
        rules.write_text(RULES)
        self.log = open(self.work / "sekishod.log", "w", encoding="utf-8")
        self.process = self.child(
            [BUILD / "gateway/role/sekishod", "--rules", rules, "--without-packets", "--state", self.work / "state",
             "--run", self.work / "run", "--listen", f"inbound=127.0.0.1:{IN}", "--host-name", "gate.example"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        if "ready" not in self.process.stdout.readline():
            raise RuntimeError(f"sekishod did not start: {self.log.name}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.group.remove()


class Postfix(Relay):
    name = "Postfix pass-through"
    more = ""

    def __init__(self, work):
        super().__init__(work)
        config, queue, data = self.work / "postfix", self.work / "queue", self.work / "data"
        for folder in (config, queue, data):
            folder.mkdir()
        shutil.chown(data, "postfix")
        (config / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
mail_owner = postfix
setgid_group = postdrop
myhostname = gate.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [{SINK}]:{OUT}
message_size_limit = 20971520
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = none
smtp_tls_security_level = none
maillog_file = {self.work}/postfix.log
maillog_file_prefixes = {self.work}
alias_maps =
alias_database =
{self.more.format(work=self.work)}
""")
        lines = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
        lines = [f"127.0.0.1:{IN} inet n - n - - smtpd" if line.startswith("smtp ") and " inet " in line else line
                 for line in lines]
        (config / "master.cf").write_text("\n".join(lines) + "\n")
        self.config = config
        self.call(["postfix", "-c", config, "start"])
        time.sleep(1)

    def stop(self):
        self.call(["postfix", "-c", self.config, "stop"])
        self.group.remove()


class MimeDefang(Postfix):
    """The body to text and attachments out, by a milter: the same job."""
    name = "Postfix with MIMEDefang"
    more = """
smtpd_milters = unix:{work}/defang/milter.sock
milter_default_action = tempfail
milter_protocol = 6
"""

    def __init__(self, work):
        folder = pathlib.Path(work) / "defang"
        (folder / "spool").mkdir(parents=True)
        for place in (folder, folder / "spool"):
            shutil.chown(place, "defang", "postfix")
            place.chmod(0o2770)
        # no Group yet: made by super().__init__(), which starts Postfix, whose milter must be there
        self.group = Group()
        control, milter = folder / "multiplexor.sock", folder / "milter.sock"
        rules = SOURCE / "bench/mail/mimedefang-filter"
        self.helpers = [
            subprocess.Popen(["mimedefang-multiplexor", "-D", "-U", "defang", "-F", rules, "-s", control, "-x", "8",
                              "-m", "4", "-q", "64", "-z", folder / "spool", "-b", "600"], preexec_fn=self.group.join,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
        wait_for(control)
        self.helpers.append(
            subprocess.Popen(["mimedefang", "-D", "-U", "defang", "-m", control, "-p", milter, "-G",
                              "-z", folder / "spool"], preexec_fn=self.group.join,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for(milter)
        group = self.group
        super().__init__(work)
        self.group.remove()
        self.group = group

    def stop(self):
        super().stop()
        for helper in reversed(self.helpers):
            helper.terminate()
            helper.wait(timeout=20)


def wait_for(path, seconds=20):
    for _ in range(seconds * 10):
        if path.exists():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{path.name} did not appear")
