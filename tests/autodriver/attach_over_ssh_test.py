#!/usr/bin/env python3
"""`autodriver --attach` as it is used: over ssh, on a machine that has nothing of ours.

Usage: attach_over_ssh_test.py AUTODRIVER RUN_MACHINE
"""

import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

AUTODRIVER = pathlib.Path()
RUN_MACHINE = ""
ADDRESS = "127.0.11.1"
PATIENCE = 60

FILE, DONE = 2, 4  # drive/tree_stream.hpp
LEASE_AND_USER = "--attach=/run/tango/drive --lease=60 --user=1903"


def record(kind, name=b"", mode=0):
    return struct.pack("<qIIIIB7x", 1, 0, mode, len(name), 0, kind) + name


def tree(makefile):
    content = makefile.encode()
    return (record(FILE, b"Makefile", 0o644) + struct.pack("<I", len(content)) + content +
            struct.pack("<I", 0) + record(DONE))


def request(ask):
    return struct.pack("<6Qc7x", 0, 0, 30_000, 0, 100_000, 0, ask)


def free_port():
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


class Machine:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tango-attach-")
        self.path = pathlib.Path(self.folder.name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path / "key"],
                       check=True)
        (self.path / "state").mkdir()
        self.port = free_port()
        self.process = subprocess.Popen(
            [RUN_MACHINE, f"--address={ADDRESS}", f"--port={self.port}",
             f"--authorized-key={self.path}/key.pub", f"--state={self.path}/state"],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.strip() == "ready":
                break

    def ssh(self, command):
        return ["ssh", "-F", "none", "-i", f"{self.path}/key", "-p", str(self.port),
                "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
                "-o", f"UserKnownHostsFile={self.path}/known_hosts", f"ubuntu@{ADDRESS}", command]

    def run(self, command, stdin=b""):
        return subprocess.run(self.ssh(command), input=stdin, capture_output=True, check=True,
                              timeout=PATIENCE).stdout.decode()

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.folder.cleanup()


class Connection:
    def __init__(self, machine, command):
        self.process = subprocess.Popen(machine.ssh(command), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)

    def send(self, data):
        self.process.stdin.write(data)

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.process.stdout.read(size - len(data))
            if not piece:
                raise EOFError("the connection has ended")
            data += piece
        return data

    def reply(self):
        size, tell = struct.unpack("<Ic3x", self.read(8))
        return tell, self.read(size)

    def replies_until(self, last):
        replies = []
        while not replies or replies[-1][0] not in (last, b"e"):
            replies.append(self.reply())
        return replies

    def cut(self):
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE)


class AttachOverSsh(unittest.TestCase):
    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.end)
        self.machine.run("cat >autodriver && chmod +x autodriver", AUTODRIVER.read_bytes())

    def job_that_is_cut_off_is_fetched(self, command):
        first = Connection(self.machine, command)
        self.assertEqual(first.reply()[0], b"y")
        first.send(request(b"f") + tree("all:\n\t@id -un; echo begun; sleep 2; echo done\n"))
        self.assertEqual(first.reply()[0], b"d")
        first.send(request(b"r"))
        self.assertEqual(first.reply()[0], b"l")
        first.cut()
        second = Connection(self.machine, command)
        self.addCleanup(second.close)
        self.assertEqual(second.reply()[0], b"y")
        second.send(request(b"r"))
        tell, outcome = second.replies_until(b"r")[-1]
        self.assertEqual(tell, b"r", outcome)
        second.send(request(b"o"))
        output = b"".join(text for tell, text in second.replies_until(b"d") if tell == b"t")
        self.assertEqual(output, b"Autodriver: Job exited with status 0\nautograde\nbegun\ndone\n")

    def test_by_sudo_a_job_outlives_the_connection_and_is_fetched_over_the_next(self):
        self.job_that_is_cut_off_is_fetched(
            f"sudo -n ./autodriver {LEASE_AND_USER} --memory=200000000 --disk=50000000 --cpus=1000")

    def test_setuid_it_does_the_same_for_an_ordinary_user(self):
        self.machine.run("sudo -n install -m 4755 autodriver /usr/local/bin/autodriver")
        self.job_that_is_cut_off_is_fetched(f"autodriver {LEASE_AND_USER} --network")

    def test_a_login_ends_although_it_has_started_what_stands_by(self):
        command = f"sudo -n ./autodriver {LEASE_AND_USER} </dev/null | wc -c; echo after"
        self.assertEqual(self.machine.run(command).split()[-1], "after")
        seen = self.machine.run("ps -C autodriver -o user= ; ls -A /run/tango 2>&1 || true")
        self.assertEqual(seen.split()[:2], ["root", "root"])
        self.assertIn("Permission denied", seen)


if __name__ == "__main__":
    AUTODRIVER = pathlib.Path(os.path.abspath(sys.argv[1]))
    RUN_MACHINE = os.path.abspath(sys.argv[2])
    unittest.main(argv=[sys.argv[0]], verbosity=2)
