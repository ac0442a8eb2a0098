#!/usr/bin/env python3
"""Docker engines for tests, each with folders, a socket and control groups of its own, and sshds
behind which they are other machines. Nothing is left of them afterwards.

Usage: daemon.py IMAGES unix|ssh HOSTS [IMAGE ...]

As a child of a test: starts so many engines with those images (of images.py, kept in the folder
IMAGES), prints a line for each (`unix SOCKET` or `ssh CONFIG HOST`), then `ready`, and stops when
its standard input ends. Exit status 77 and a sentence: this machine cannot run one.
"""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

import images

SKIPPED = 77
CLONE_NEWNS = 0x20000
MS_SLAVE_ALL = 0x80000 | 0x4000
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
CGROUPS = pathlib.Path("/sys/fs/cgroup")


class CannotRun(Exception):
    """This machine cannot run a Docker engine."""


def check_machine():
    """What is missing, before anything is started."""
    if os.geteuid() != 0:
        raise CannotRun("a Docker engine of its own needs root")
    for program, package in (("dockerd", "docker.io"), ("docker", "docker.io")):
        if not shutil.which(program):
            raise CannotRun(f"there is no {program}: install {package}")


def own_mounts():
    """Makes this program's mounts its own: what an engine leaves mounted ends with us. SIGTERM
    ends us in order from here on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if LIBC.unshare(CLONE_NEWNS) != 0 or \
            LIBC.mount(b"none", b"/", None, MS_SLAVE_ALL, None) != 0:
        raise CannotRun(f"mounts of one's own: {os.strerror(ctypes.get_errno())}")


def mount_memory(folder, size):
    """A small file system at `folder`."""
    if LIBC.mount(b"tmpfs", str(folder).encode(), b"tmpfs", None, f"size={size}".encode()) != 0:
        raise CannotRun(f"a small file system: {os.strerror(ctypes.get_errno())}")


def unmount(folder):
    LIBC.umount2(str(folder).encode(), MNT_DETACH)


def end_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def until(condition, what, patience=60):
    """The first true value of `condition`, which is asked again and again."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {what}")
        time.sleep(0.02)
    return value


def processes(belongs):
    """Ids of live processes of which `belongs` (given an id) says so."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            with contextlib.suppress(OSError):
                if belongs(int(entry)):
                    found.append(int(entry))
    return found


def read(path):
    return pathlib.Path(path).read_bytes().decode(errors="replace")


def children(parent):
    """All processes below `parent`."""
    found = processes(lambda pid: int(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
                      == parent)
    return found + [below for child in found for below in children(child)]


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, patience):
        super().__init__("docker", timeout=patience)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Refused(Exception):
    """The engine said no: its status and its words."""

    def __init__(self, status, words):
        super().__init__(f"{status}: {words}")
        self.status = status


class DockerDaemon:
    """One engine. `with DockerDaemon(images_folder, ["stock"]) as d` starts it with that image.

    `data_root` is where it keeps its data, if that is not to be a folder of its own.
    """

    serial = 0

    def __init__(self, cache, loaded=(), data_root=None):
        DockerDaemon.serial += 1
        self.cache = cache
        self.loaded = list(loaded)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tango-dockerd-"))
        self.data_root = pathlib.Path(data_root) if data_root else self.folder / "data"
        self.socket = str(self.folder / "sock")
        self.groups = f"tango-dockerd-{os.getpid()}-{DockerDaemon.serial}"
        self.process = None

    def __enter__(self):
        try:
            check_machine()
            self.start()
            for name in self.loaded:
                self.load(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.folder)

    @property
    def address(self):
        return f"unix://{self.socket}"

    # ---- its life

    def start(self):
        """Starts it, and waits until it answers."""
        (self.folder / "daemon.json").write_text("{}")
        kept = {name: value for name, value in os.environ.items()
                if not name.lower().endswith("_proxy") and not name.startswith("DOCKER_")}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--config-file", self.folder / "daemon.json",
                 "--data-root", self.data_root, "--exec-root", self.folder / "run",
                 "--pidfile", self.folder / "pid", "--host", self.address,
                 "--cgroup-parent", f"/{self.groups}", "--bridge=none", "--iptables=false",
                 "--shutdown-timeout=1"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=kept,
                preexec_fn=end_with_parent)
        until(lambda: self.process.poll() is not None or self.answers(), "an engine that answers")
        if self.process.poll() is not None:
            raise CannotRun("dockerd: " + " ".join(self.log().splitlines()[-1:]))

    def answers(self):
        try:
            return self.ask("GET", "/_ping", patience=2) == b"OK"
        except (OSError, http.client.HTTPException):
            return False

    def log(self):
        return read(self.folder / "log")

    def stop(self):
        """In order. Its containers end with it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)

    def kill(self):
        """Dead at once, and containerd with it; the containers go on."""
        self.process.kill()
        self.process.wait()
        # A next engine takes its containerd for alive until somebody has waited for it.
        file = self.folder / "run/containerd/containerd.pid"
        if file.exists():
            until(lambda: not processes(lambda pid: pid == int(file.read_text()) and
                                        read(f"/proc/{pid}/cmdline")), "containerd's end")
            file.unlink()

    def freeze(self):
        """It is there, and says nothing; the containers go on."""
        signal_all([self.process.pid], signal.SIGSTOP)

    def thaw(self):
        signal_all([self.process.pid], signal.SIGCONT)

    def restart(self):
        self.stop()
        self.start()

    def end(self):
        """Whatever state it is in, nothing of it is left but its folder."""
        if self.process:
            self.thaw()
            self.stop()
            self.process.kill()
            self.process.wait()
        while left := processes(self.is_its_own):
            signal_all(left, signal.SIGKILL)
            time.sleep(0.02)
        mounted = [line.split()[4] for line in read("/proc/self/mountinfo").splitlines()]
        for point in reversed(mounted):
            if point.startswith((f"{self.folder}/", f"{self.data_root}/")):
                unmount(point)
        for group in (CGROUPS / self.groups, *CGROUPS.glob(f"*/{self.groups}")):
            for below, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(below)

    def is_its_own(self, pid):
        if not read(f"/proc/{pid}/cmdline"):
            return False  # dead, and nobody has waited for it yet
        return f"{self.folder}/" in read(f"/proc/{pid}/cmdline") and \
            read(f"/proc/{pid}/comm").startswith(("containerd", "dockerd", "runc")) or \
            f"/{self.groups}/" in read(f"/proc/{pid}/cgroup")

    # ---- the engine's API

    def ask(self, method, path, body=None, headers=None, patience=60):
        connection = UnixConnection(self.socket, patience)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300 and answer.status != 304:
            raise Refused(answer.status, content.decode(errors="replace"))
        return content

    def json(self, method, path, value=None):
        body = None if value is None else json.dumps(value)
        content = self.ask(method, path, body, {"Content-Type": "application/json"})
        return json.loads(content) if content else None

    def load(self, name):
        """Loads an image of images.py."""
        with open(images.tarball(name, self.cache), "rb") as file:
            self.ask("POST", "/images/load?quiet=1", file,
                     {"Content-Length": str(os.fstat(file.fileno()).st_size)})

    def images(self):
        """References of all images."""
        return sorted(tag for image in self.json("GET", "/images/json")
                      for tag in image["RepoTags"] or ())

    def remove_image(self, reference):
        self.ask("DELETE", f"/images/{quote(reference)}?force=1")

    def containers(self, **labels):
        """All that are there, in any state, with these labels (dots as two underscores)."""
        wanted = [f"{name.replace('__', '.')}={value}" for name, value in labels.items()]
        filters = quote(json.dumps({"label": wanted}))
        return self.json("GET", f"/containers/json?all=1&filters={filters}")

    def remove(self, container):
        """By hand, as an operator would."""
        self.ask("DELETE", f"/containers/{container['Id']}?force=1&v=1")

    def volumes(self):
        return [each["Name"] for each in self.json("GET", "/volumes")["Volumes"] or ()]

    def run(self, image, command, **host_config):
        """Starts a container that has nothing to do with the service; its id."""
        made = self.json("POST", "/containers/create", {
            "Image": image, "Cmd": command,
            "HostConfig": {"NetworkMode": "none", **host_config}})
        self.ask("POST", f"/containers/{made['Id']}/start")
        return made["Id"]


class SshHost:
    """An sshd on an address of its own; whoever logs in is on the machine of that engine."""

    def __init__(self, folder, address, engine):
        self.folder, self.address, self.engine = folder, address, engine
        self.name = f"engine-{address.rpartition('.')[2]}"
        with socket.socket() as probe:
            probe.bind((address, 0))
            self.port = probe.getsockname()[1]
        self.process = None
        self.config = folder / f"sshd-{self.name}"
        self.config.write_text(
            f"ListenAddress {address}:{self.port}\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/user.pub\nPidFile none\nUsePAM no\nStrictModes no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\n"
            # What the user's shell would do at a login is none of the tests' business.
            f"PermitRootLogin prohibit-password\n"
            f"SetEnv DOCKER_HOST={engine.address} HOME={folder}\n")

    def start(self):
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin"), "-D", "-e",
                 "-f", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=end_with_parent)
        until(lambda: self.process.poll() is not None or self.listens(), "an sshd that listens")
        if self.process.poll() is not None:
            raise CannotRun("sshd: " + " ".join(read(self.folder / "log").splitlines()[-1:]))

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex((self.address, self.port)) == 0

    def cut_off(self):
        """The sshd and all its sessions are gone; what the engine runs goes on."""
        if self.process:
            signal_all([self.process.pid, *children(self.process.pid)], signal.SIGKILL)
            self.process.wait()
            self.process = None

    def freeze(self):
        """The network is silent: connections stay, and nothing comes."""
        signal_all([self.process.pid, *children(self.process.pid)], signal.SIGSTOP)

    def thaw(self):
        signal_all([self.process.pid, *children(self.process.pid)], signal.SIGCONT)


class SshHosts:
    """Machines with an engine each, reached by ssh alone: `config` is for `ssh -F`."""

    def __init__(self, engines, first=2):
        self.engines = engines
        self.first = first
        self.folder = None
        self.hosts = []
        self.config = None

    def __enter__(self):
        for program, package in (("sshd", "openssh-server"), ("ssh", "openssh-client")):
            if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
                raise CannotRun(f"there is no {program}: install {package}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tango-sshd-"))
        try:
            for name in ("user", "host"):
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                                "-f", self.folder / name], check=True)
            for number, engine in enumerate(self.engines):
                self.hosts.append(SshHost(self.folder, f"127.0.0.{self.first + number}", engine))
            self.write_config()
            for host in self.hosts:
                host.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def write_config(self):
        key = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(
            "".join(f"[{host.address}]:{host.port} {key}" for host in self.hosts))
        self.config = self.folder / "config"
        self.config.write_text("".join(
            f"Host {host.name}\n  HostName {host.address}\n  Port {host.port}\n  User root\n"
            for host in self.hosts) +
            f"Host *\n  IdentityFile {self.folder}/user\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {self.folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n")

    def __exit__(self, *_):
        for host in self.hosts:
            host.cut_off()
        shutil.rmtree(self.folder)


def main():
    cache, way, count, *loaded = sys.argv[1:]
    with contextlib.ExitStack() as stack:
        try:
            own_mounts()
            engines = [stack.enter_context(DockerDaemon(cache, loaded)) for _ in range(int(count))]
            if way == "ssh":
                network = stack.enter_context(SshHosts(engines))
                lines = [f"ssh {network.config} {host.name}" for host in network.hosts]
            else:
                lines = [f"unix {engine.socket}" for engine in engines]
        except CannotRun as why:
            print(why, flush=True)
            return SKIPPED
        print("\n".join([*lines, "ready"]), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
