"""Programs of Debian packages that cannot be installed here (they conflict with others): fetched with apt, unpacked under the
build folder, and run as if installed, in mount and process namespaces of their own.  Nothing of the machine changes."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

BUILD = pathlib.Path(os.environ.get("BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))
APT = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10", "-o", "Acquire::Retries=1", "-o", "APT::Sandbox::User=root"]


def skip(why):
    print(why)
    sys.exit(77)


def said(*command, cwd=None):
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


def fetch(packages, folder):
    """Their .deb files, in the folder."""
    try:
        done = said("apt-get", *APT, "download", *packages, cwd=folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        skip(f"apt-get cannot fetch {' '.join(packages)}: {error}")
    if done.returncode != 0:
        skip(f"apt-get cannot fetch {' '.join(packages)}: {done.stderr.strip()[-300:]}")


def libraries_wanted(folder):
    """Packages of shared libraries that those in the folder need and the machine lacks."""
    wanted = set()
    for package in folder.glob("*.deb"):
        for depends in said("dpkg-deb", "-f", package, "Depends").stdout.split(","):
            name = depends.split("|")[0].split("(")[0].strip()
            if name.startswith("lib") and "installed" not in said("dpkg-query", "-W", "-f", "${db:Status-Status}", name).stdout.split():
                wanted.add(name)
    return {name for name in wanted if not list(folder.glob(f"{name}_*.deb"))}


def unpacked(name, *packages):
    """The folder whose usr/ and var/ are theirs; kept from run to run."""
    folder = BUILD / "beside" / name
    if folder.exists():
        return folder
    unfinished = folder.with_name(f"{name}.{os.getpid()}")
    (unfinished / "deb").mkdir(parents=True)
    try:
        wanted = set(packages)
        while wanted:
            fetch(sorted(wanted), unfinished / "deb")
            wanted = libraries_wanted(unfinished / "deb")
        for package in (unfinished / "deb").glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unfinished], check=True)
        if (unfinished / "lib").is_dir():  # where the machine has it
            shutil.copytree(unfinished / "lib", unfinished / "usr/lib", symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(unfinished / "deb")
        if not folder.exists():
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


MOUNTS = """set -e
mount -t proc proc /proc
echo "$HOST_NAME" >/proc/sys/kernel/hostname
mount -t overlay overlay -o "lowerdir=$UNPACKED/usr:/usr" /usr
for name in passwd group; do mount --bind "$FOLDER/etc/$name" "/etc/$name"; done
mount --bind "$FOLDER/etc/certs" /etc/ssl/certs
mount --bind "$FOLDER/run" /run
mount --bind "$FOLDER/var" /var
"""


def unshare(*command, **words):
    """It and all that it starts ends with us, however we end."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "--uts", "--pid", "--fork",
                             "--kill-child=KILL", *command], **words)


class Beside:
    """One program with a host name, /var and /run of its own (`folder`/var, `folder`/run); `users` are accounts only it sees; it
    takes `trusted` for the only issuer of certificates there is."""

    def __init__(self, folder, tree, host_name, users, trusted):
        self.folder, self.process = pathlib.Path(folder), None
        self.environment = {"PATH": os.environ["PATH"], "UNPACKED": str(tree), "FOLDER": str(folder), "HOST_NAME": host_name}
        for name in ("etc/certs", "run", "var/lib", "var/log", "var/spool", "var/tmp"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "var/tmp").chmod(0o1777)
        (self.folder / "var/run").symlink_to("/run")
        shutil.copy(trusted, self.folder / "etc/certs/ca-certificates.crt")
        ids = {user: 64900 + number for number, user in enumerate(users)}
        for name, line in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/usr/sbin/nologin\n"), ("group", "{0}:x:{1}:\n")):
            ours = "".join(line.format(user, number) for user, number in ids.items())
            (self.folder / "etc" / name).write_text(ours + pathlib.Path("/etc", name).read_text(encoding="utf-8"), encoding="utf-8")
        self.ids = ids

    def start(self, *command):
        self.output = open(self.folder / "output", "wb")
        self.process = unshare("sh", "-c", MOUNTS + '"$@" & wait $!', "sh", *command, stdout=self.output, stderr=self.output,
                               stdin=subprocess.DEVNULL, env=self.environment)

    def inside(self):
        """The first process of its namespace; none when it has ended."""
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()[:1]

    def run(self, *command, group=0):
        """One more command, where the program is."""
        return said("nsenter", "-t", *self.inside(), "-m", "-p", "-S", "0", "-G", str(group), *command)

    def stop(self):
        if self.process:
            for first in self.inside():
                os.kill(int(first), signal.SIGKILL)  # and with it, before it is gone, all that runs in its namespace
            self.process.wait(timeout=10)
            self.output.close()


def skip_unless_possible():
    done = unshare("sh", "-c", 'mount -t proc proc /proc && mount -t overlay overlay -o "lowerdir=/var/lib/dpkg:/usr" /usr',
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    why = done.communicate(timeout=20)[1].decode(errors="replace").strip()
    if done.returncode != 0:
        skip(f"no namespaces with mounts of their own: {why}")
