#!/usr/bin/python3
"""The way out with real peers: Postfix over TLS with a pinned key, a login, notices to senders, a next hop that breaks
off at every network operation, and `sekisho queue`, over kills of the relay."""
import base64
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hops import Hop, Postfix, make_certificate, server_context  # noqa: E402
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

IN, OUT, LOGIN, PLAIN = 26731, 26732, 26733, 26734  # doors
POSTFIX = 26735
PASSWORD = "correct horse"

RULES = """
zone lgwan {{ port "none-l"  network {net}.0/24  address {net}.1 }}
zone internet {{ port "none-i"  network 127.0.22.0/24  address 127.0.22.1  outside }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp"  next-hop {net}.2 port {port}  listen port 2525
    for "test"  owner "test"  approved "test"
}}
{more}
"""
MORE = """
relay mail outbound from lgwan to internet {{
    recipients "*@out.example"  next-hop 127.0.22.9 port 9  next-hop 127.0.22.2 port {postfix} backup
    next-hop-tls required pin "{pin}"  bounce to "*@town.example.lg.jp"  forwarding allow  listen port 2526
    for "test"  owner "test"  approved "test"
}}
relay mail login from lgwan to internet {{
    recipients "*@login.example"  next-hop 127.0.22.2 port {login}  listen port 2527
    next-hop-tls required authority "{authority}" name "login.example"  next-hop-login "gateway" password "{password}"
    for "test"  owner "test"  approved "test"
}}
relay mail plain from lgwan to internet {{
    recipients "*@plain.example"  next-hop 127.0.22.2 port {plain}  listen port 2528
    next-hop-limit 1 mails per connection
    for "test"  owner "test"  approved "test"
}}
"""


def check(what, good, more=""):
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else ': ' + str(more)[-3000:]}", flush=True)
    if not good:
        raise SystemExit(1)


def send(port, recipients, text=b"Subject: x\r\n\r\nhello\r\n", sender="a@town.example.lg.jp"):
    """Returns the receipt."""
    client = Client(port)
    client.reply()
    client.say("EHLO client.example")
    client.say(f"MAIL FROM:<{sender}>")
    for recipient in recipients:
        client.say(f"RCPT TO:<{recipient}>")
    client.say("DATA")
    client.socket.sendall(text + b".\r\n")
    answer = client.reply()
    if not answer.startswith("250 2.0.0 kept as "):
        raise SystemExit(f"not taken: {answer}")
    return answer.split()[-1]


def queue(daemon, *words):
    asked = daemon.ask("queue", *words, "--json")
    return json.loads(asked.stdout) if asked.returncode == 0 else {"error": asked.stderr}


def postfix_over_tls(daemon, postfix):
    receipt = send(OUT, ["b@out.example", "nobody@out.example"])
    check("Postfix has the mail, over TLS, from the backup", wait_for(15, postfix.mails), daemon.ask("trace", receipt).stdout)
    check("it says so itself", "TLSv1.3" in postfix.mails()[0], postfix.mails()[0])
    check("the sender is told of the other recipient", wait_for(15, lambda: daemon.sink.mails), daemon.ask("trace", receipt).stdout)
    told = daemon.sink.mails[0][1].decode()
    check("by a report", "Final-Recipient: rfc822;nobody@out.example\r\nAction: failed\r\nStatus: 5.1.1" in told and
          "multipart/report" in told and "hello" not in told, told)
    check("sekisho trace tells it", wait_for(5, lambda: "returned to the sender" in daemon.ask("trace", receipt).stdout))
    check("and by which TLS it went", " over TLSv1.3 " in daemon.ask("trace", receipt).stdout, daemon.ask("trace", receipt).stdout)
    check("nothing is left", wait_for(5, lambda: queue(daemon, "list")["total"] == 0), queue(daemon, "list"))
    send(OUT, ["nobody@out.example"], sender="")
    send(OUT, ["nobody@out.example"], sender="a@elsewhere.example")
    check("nobody else is told", wait_for(15, lambda: "hold 2" in daemon.ask("status").stdout) and len(daemon.sink.mails) == 1,
          daemon.ask("status").stdout)


def login(daemon, hop):
    send(LOGIN, ["b@login.example"])
    check("a login behind TLS", wait_for(15, lambda: hop.mails) and hop.logins, daemon.ask("queue", "list").stdout)
    hop.password, before = "another", len(hop.logins)
    time.sleep(6)  # the kept conversation is over
    receipt = send(LOGIN, ["c@login.example"])
    check("a refused login has its name", wait_for(10, lambda: queue(daemon, "show", receipt)["mails"][0].get("reason") ==
                                                    "next-hop-login-failed"), queue(daemon, "list"))
    check("it was tried", len(hop.logins) > before)
    return receipt


def broken_everywhere(daemon, hop):
    """At worst twice, and only where the text had gone out."""
    twice, number = [], 0
    for number in range(1, 40):
        hop.arm(number)
        recipient = f"n{number}@plain.example"
        send(PLAIN, [recipient])

        def arrived(recipient=recipient):
            return [mail for mail in list(hop.mails) if mail[1] == recipient]

        def over():
            if queue(daemon, "list", "--recipient", recipient)["total"] == 0:
                return True
            queue(daemon, "flush", "--recipient", recipient)
            return False
        check(f"broken off at operation {number}", wait_for(20, over) and arrived(), daemon.ask("queue", "list").stdout)
        if len(arrived()) > 1:
            twice.append(number)
        check("no more than twice", len(arrived()) <= 2, arrived())
        if hop.break_at:  # it was never reached: all operations are done
            break
    check("only where an answer was lost", len(twice) <= 1, twice)
    print(f"     {number - 1} operations, twice at {twice}")


def steered(daemon, held):
    """`held`: a mail that cannot be delivered."""
    check("hold wants a reason", "error" in queue(daemon, "hold", held))
    check("hold", queue(daemon, "hold", held, "--because", "問い合わせ中")["changed"] == 1)
    killed = daemon.kill("relay")
    check("the relay is back", wait_for(10, lambda: daemon.pid_of("relay") not in (0, killed)))
    check("and still holds it", wait_for(5, lambda: queue(daemon, "show", held).get("mails", [{}])[0].get("state") == "held"),
          queue(daemon, "list"))
    check("flush leaves it alone", queue(daemon, "flush", "--all")["changed"] == 0)
    kept = daemon.ask("queue", "flush", held)
    user = pwd.getpwuid(os.geteuid()).pw_name
    check("and says whose order that is", kept.returncode == 1 and f"{held} is held by {user} since " in kept.stderr and "(問い合わせ中)" in kept.stderr,
          kept.stdout + kept.stderr)
    some = daemon.ask("queue", "release", held, "2222-2222-22", held)
    check("of several receipts each is told", some.returncode == 1 and some.stdout.startswith("1 ") and "no mail 2222-2222-22" in some.stderr,
          some.stdout + some.stderr)
    check("hold", queue(daemon, "hold", held, "--because", "問い合わせ中")["changed"] == 1)
    check("release", queue(daemon, "release", held)["changed"] == 1)
    check("drop", queue(daemon, "drop", held, "--because", "誤送信")["changed"] == 1)
    check("it is in the hold", wait_for(10, lambda: queue(daemon, "list")["total"] == 0), queue(daemon, "list"))
    story = daemon.ask("trace", held).stdout
    check("the record knows who and why", "because: 誤送信" in story and f"by {user}" in story, story)


def main():
    skip_unless_possible()
    if not shutil.which("postfix"):
        print("Postfix is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="sekisho-out-") as work_name:
        work = pathlib.Path(work_name)
        work.chmod(0o755)
        (work / "login").mkdir()
        make_certificate(work / "login", "login.example")
        password = work / "next-hop.password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        encoded = base64.b64encode(b"\0gateway\0" + PASSWORD.encode()).decode()
        login_hop = Hop("127.0.22.2", server_context(work / "login"), encoded)
        plain_hop = Hop("127.0.22.2")
        postfix = Postfix(work / "postfix", "127.0.22.2", POSTFIX)
        daemon = None
        try:
            more = MORE.format(postfix=POSTFIX, pin=postfix.pin, login=login_hop.port, authority=work / "login/tls.pem",
                               password=password, plain=plain_hop.port)
            daemon = Daemon(work, "127.0.21", IN, more=more, rules=RULES, listen=[f"outbound=127.0.0.1:{OUT}",
                            f"login=127.0.0.1:{LOGIN}", f"plain=127.0.0.1:{PLAIN}"])
            postfix_over_tls(daemon, postfix)
            broken_everywhere(daemon, plain_hop)
            steered(daemon, login(daemon, login_hop))
            found = subprocess.run(["grep", "-rlaF", "-e", PASSWORD, "-e", encoded, work / "state", work / "run",
                                    work / "sekishod.log"], capture_output=True, text=True, check=False).stdout
            check("the password stands nowhere", not found, found)
        finally:
            if daemon:
                daemon.stop()
            postfix.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
