"""Machines behind instances: run-machine on addresses of loopback that no other test has."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

PROGRAMS = pathlib.Path(__file__).parent.parent / "machine"
RUN_MACHINE, LISTENER = PROGRAMS / "run-machine", PROGRAMS / "listener"
GUEST_MACHINE = pathlib.Path(__file__).parent / "guest-machine"
IN_MACHINE = "/usr/local/lib/machine"  # the folder of these programs
NETWORK = "127.0.10."
# A program in the control groups of the machine of run-machine $0.
JOIN_AND_RUN = """
for group in /sys/fs/cgroup/tango-machine-$0/init.scope /sys/fs/cgroup/*/tango-machine-$0; do
  [ ! -d "$group" ] || echo $$ >"$group/cgroup.procs"
done
exec "$@"
"""


class Address:
    """An address of loopback. Held by a socket that ends with this process, so that endpoints that
    run at the same time have different ones."""

    def __init__(self, ssh_port):
        for number in range(1, 200):
            self.text = f"{NETWORK}{number}"
            self.lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.lock.bind(f"\0tango-machine-{self.text}")
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((self.text, ssh_port))
                return
            except OSError:
                self.lock.close()
        raise RuntimeError("all addresses for machines are taken")

    def release(self):
        self.lock.close()


class Machine:
    """One run of run-machine. To be made by a thread that lives as long as the process: with it
    the machine ends, too. `image` is the catalogue's; None: a plain one."""

    def __init__(self, folder, address, port, key, user, image, user_data, minute, on_end):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="machine-", dir=folder))
        self.address, self.port, self.ended, self.stopped = address, port, False, False
        self.listeners = []
        key_file = self.folder / "authorized_key"
        key_file.write_text(key)
        program = GUEST_MACHINE if image and image.guest else RUN_MACHINE
        arguments = ["setpriv", "--pdeathsig", "TERM", program, f"--address={address.text}",
                     f"--port={port}", f"--authorized-key={key_file}", f"--state={self.folder}",
                     f"--user={user}", f"--minute={minute}"]
        made_by = image.made_by if image else ""
        if made_by or user_data:
            data_file = self.folder / "user-data"
            data_file.write_bytes(first_boot(made_by, user_data))
            arguments.append(f"--user-data={data_file}")
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        threading.Thread(target=self._await_end, args=(on_end,), daemon=True).start()

    def _await_end(self, on_end):
        while not self.ended:
            try:
                self.process.wait(5)
                self.ended = True
            except subprocess.TimeoutExpired:
                if self.stopped:  # bash may lose a signal that comes while it starts
                    self.process.kill()
        on_end()

    def console(self):
        file = self.folder / "console"
        return file.read_bytes() if file.exists() else b""

    def stop(self):
        """Its power is cut."""
        self.stopped = True
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)
        for process in self.listeners:
            process.kill()

    def remove(self):
        for process in (self.process, *self.listeners):
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def programs(self):
        """The command lines of what runs in it."""
        return [" ".join(_command(pid)) for pid in descendants(self.process.pid)]

    def sshds(self, listener_too=True):
        """The ids of the processes of its sshd."""
        found = []
        for pid in descendants(self.process.pid, *(each.pid for each in self.listeners)):
            words = _command(pid)
            if words[0].startswith(("sshd: ", "/usr/sbin/sshd")) or \
                    listener_too and IN_MACHINE + "/listener" in words and "serve" in words:
                found.append(pid)
        return found

    def signal_sshds(self, number, listener_too=True):
        pids = self.sshds(listener_too)
        if number == signal.SIGCONT:  # nsenter stops itself with what it runs
            pids += [each.pid for each in self.listeners]
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def move(self, address):
        """It is reached at another address from now on, and no longer at the old one."""
        first = next(pid for pid in descendants(self.process.pid)
                     if IN_MACHINE + "/init" in _command(pid))
        self.signal_sshds(signal.SIGKILL)
        with open(self.folder / "log", "ab") as log:
            self.listeners.append(subprocess.Popen(
                ["sh", "-c", JOIN_AND_RUN, str(self.process.pid), LISTENER, "bind", address.text,
                 str(self.port), "nsenter", "-a", "-t", str(first), IN_MACHINE + "/listener",
                 "serve"], stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        self.address = address


def first_boot(made_by, user_data):
    """What the machine runs at first: what its image has from its making, and then user data."""
    if not made_by:
        return user_data
    made = pathlib.Path(made_by).read_bytes()
    if not user_data.startswith(b"#!"):
        return made
    return made + b"cat >/run/user-data <<'_USER_DATA'\n" + user_data + \
        b"\n_USER_DATA\nchmod 700 /run/user-data && exec /run/user-data\n"


def _command(pid):
    """The words with which a process was started, or what it calls itself."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        words = ""
    return words.rstrip("\0").split("\0")


def descendants(*roots):
    """The ids of all processes below `roots`."""
    children = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, left = [], list(roots)
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found
