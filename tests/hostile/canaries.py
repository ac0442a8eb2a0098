"""What on the host is not to be read, reached, changed or ended by a job, and what jobs may not
leave there."""

import ctypes
import os
import pathlib
import secrets
import socket
import subprocess
import tempfile
import threading
import time

from attack import require

SWITCHES = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
            "/proc/sys/kernel/modprobe", "/proc/sys/fs/binfmt_misc/status")
GROUPS = pathlib.Path("/sys/fs/cgroup")
FOLDERS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/home", "/root", "/etc",
           "/usr", "/usr/bin", "/dev/mqueue")
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, SIGKILL, NOBODY = 1, 9, 65534
PATIENCE_S = 15


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def switches():
    """The kernel's settings that no job may turn."""
    agents = [*GROUPS.glob("release_agent"), *GROUPS.glob("*/release_agent")]
    return {str(path): read(path) for path in (*SWITCHES, *agents)}


class Listener:
    """Takes connections, and counts them."""

    def __init__(self, family, address):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind(address)
        self.socket.listen()
        self.name = f"{self.socket.getsockname()!r}"
        self.connections = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.connections += 1


class Canaries:
    """Everybody on this machine may read, reach or signal them: what keeps a job from that is what
    holds the job."""

    def __init__(self):
        self.secret = "canary-" + secrets.token_hex(12)
        self.folder = tempfile.TemporaryDirectory(prefix="tango-hostile-")
        self.path = pathlib.Path(self.folder.name)
        self.file = self.path / "secret"
        self.shm = pathlib.Path("/dev/shm") / self.path.name
        self.listeners = []
        self.process = None
        self.before = {}

    def __enter__(self):
        self.path.chmod(0o755)
        for file in (self.file, self.shm):
            file.write_text(self.secret + "\n")
            file.chmod(0o666)
        self.socket = self.path / "socket"
        self.abstract = self.path.name
        tcp = Listener(socket.AF_INET, ("127.0.0.1", 0))
        self.port = tcp.socket.getsockname()[1]
        self.listeners = [tcp, Listener(socket.AF_INET, ("127.9.9.9", self.port)),
                          Listener(socket.AF_UNIX, str(self.socket)),
                          Listener(socket.AF_UNIX, "\0" + self.abstract)]
        self.socket.chmod(0o777)
        self.process = subprocess.Popen(
            ["sh", "-c", "sleep 100000; :", self.secret], env={"CANARY": self.secret, **os.environ},
            user=NOBODY, group=NOBODY, extra_groups=[],
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL), start_new_session=True)
        self.before = switches()
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, SIGKILL)
        self.process.wait()
        for listener in self.listeners:
            listener.socket.close()
        self.shm.unlink()
        self.folder.cleanup()

    def environment(self):
        """Where they are, for attacks that know."""
        return {"CANARY_PORT": self.port, "CANARY_ABSTRACT": self.abstract,
                "CANARY_SOCKET": self.socket, "CANARY_FILE": self.file, "CANARY_SHM": self.shm}

    def check(self):
        for file in (self.file, self.shm):
            require(read(file) == (self.secret + "\n").encode(), f"{file} of the host was changed")
        require(self.process.poll() is None, "a process of the host was ended")
        for listener in self.listeners:
            require(listener.connections == 0, f"a job reached {listener.name} of the host")
        for path, content in switches().items():
            require(self.before.get(path) == content, f"{path} of the host was changed")

    def check_unread(self, content):
        require(self.secret.encode() not in content, "it has read a secret")
        for line in read("/etc/shadow").splitlines():
            fields = line.split(b":")
            require(len(fields) < 2 or len(fields[1]) < 8 or fields[1] not in content,
                    "it has read the host's /etc/shadow")


# ---- what a job has left; all that one makes has its mark


def key_of(mark):
    """Of System V objects, as reach.c makes it of the mark."""
    return int(mark[-6:], 16)


def processes_with(mark):
    word = f"MARK={mark}".encode()
    return [f"process {pid} ({read(f'/proc/{pid}/comm').decode(errors='replace').strip()})"
            for pid in os.listdir("/proc")
            if pid.isdigit() and word in read(f"/proc/{pid}/environ").split(b"\0")]


def left_of(mark):
    """All that is on the host of the job with this mark."""
    found = processes_with(mark)
    for folder in FOLDERS:
        try:
            found += [f"{folder}/{name}" for name in os.listdir(folder) if mark in name]
        except OSError:
            pass
    word = mark.encode()
    for kind in ("shm", "msg", "sem"):
        keys = [line.split()[0] for line in read(f"/proc/sysvipc/{kind}").splitlines()[1:]]
        found += [f"System V {kind}"] if str(key_of(mark)).encode() in keys else []
    for name in ("/proc/self/mountinfo", "/proc/net/unix", "/proc/keys", "/proc/locks"):
        found += [f"{name} has it"] if word in read(name) else []
    return found


def nothing_is_left_of(mark):
    """Its VM is destroyed behind its result: that may take a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while left := left_of(mark):
        require(time.monotonic() < deadline, f"left on the host: {', '.join(left[:5])}")
        time.sleep(0.2)
