#!/usr/bin/env python3
"""Uploads that are cut off, and a disk that is full in the middle of everything.
Usage: client_disk_test.py TANGO"""

import json
import os
import socket
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import clients
from clients import BEARER, LAB
import service
from service import KEY


class CutOff(clients.Attacked):
    def test_an_upload_that_is_cut_off_leaves_what_was_there(self):
        self.service.open(LAB)
        content = b"all:\n\t@echo the first one\n"
        self.service.upload(LAB, "cut.mk", content)
        body = b"all:\n\t@echo the second one\n" * 10_000
        for sent in (0, 1, 1000, len(body) // 2, len(body) - 1):
            for chunked in (False, True):
                with self.subTest(sent=sent, chunked=chunked):
                    self.upload_and_cut(body, sent, chunked)
        self.service.wait_for(self.nothing_is_left)
        _, output = self.service.run(LAB, "@true", "cut.out", files=[
            {"localFile": "cut.mk", "destFile": "Makefile"}])
        self.assertTrue(output.endswith(b"\nthe first one\n"), output)

    def upload_and_cut(self, body, sent, chunked):
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
        with socket.create_connection(("127.0.0.1", self.service.port), timeout=30) as connection:
            connection.sendall(b"POST /upload/%s/%s/ HTTP/1.1\r\nHost: x\r\nFilename: cut.mk\r\n%s"
                               b"\r\n\r\n" % (KEY.encode(), LAB.encode(), framing))
            connection.sendall((b"%x\r\n" % len(body) if chunked else b"") + body[:sent])

    def nothing_is_left(self):
        return not list((self.service.path / "data" / "incoming").iterdir())

    def test_what_comes_behind_a_body_is_not_part_of_it(self):
        self.service.open(LAB)
        answer = self.service.raw(
            b"POST /upload/%s/%s/ HTTP/1.1\r\nHost: x\r\nFilename: long.mk\r\nContent-Length: 22"
            b"\r\n\r\nall:\n\t@echo only this\n@echo and this\n" % (KEY.encode(), LAB.encode()))
        self.assertIn(b"200 OK", answer)
        _, output = self.service.run(LAB, "@true", "long.out", files=[
            {"localFile": "long.mk", "destFile": "Makefile"}])
        self.assertTrue(output.endswith(b"\nonly this\n"), output)


class FullDisk(clients.Told):
    """A data folder on a small disk of its own."""

    MIB = 1 << 20

    def start(self, size):
        self.folder = tempfile.mkdtemp(prefix="tango-full-")
        self.addCleanup(os.rmdir, self.folder)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.folder],
            capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"no disk of its own can be made here: {mounted.stderr.decode()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)
        with unittest.mock.patch("tempfile.tempdir", self.folder):
            self.service = service.Service()
        self.addCleanup(self.service.__exit__)
        self.service.open(LAB)
        self.service.upload(LAB, "Makefile", "all:\n\t@echo hello\n")

    def fill(self, left=0):
        """Takes all that the disk has but `left` bytes."""
        disk = os.statvfs(self.folder)
        with open(f"{self.folder}/filler", "ab", buffering=0) as filler:
            try:
                filler.write(b"x" * max(0, disk.f_bavail * disk.f_frsize - left))
                while left == 0:
                    filler.write(b"x" * 4096)
            except OSError:
                pass

    def empty(self):
        os.unlink(f"{self.folder}/filler")

    def graded(self, name):
        _, output = self.service.run(LAB, f"@echo graded {name}", name)
        self.assertTrue(output.endswith(f"\ngraded {name}\n".encode()), output)

    def test_full_in_the_middle_of_an_upload(self):
        self.start("40m")
        self.graded("before")
        self.fill(left=self.MIB)
        answer = self.service.upload(LAB, "Makefile", b"#" * (4 * self.MIB))
        self.assertIn(answer.status, (200, 413, 507))
        self.assertNotEqual(answer.json()["statusId"], 0)
        self.assertRegex(answer.text(), "(?i)full|space|large")
        self.assertEqual(os.listdir(self.service.path / "data" / "incoming"), [])
        self.empty()
        _, output = self.service.run(LAB, "@true", "old", files=[
            {"localFile": "Makefile", "destFile": "Makefile"}])
        self.assertTrue(output.endswith(b"\nhello\n"), output)

    def test_full_in_the_middle_of_everything(self):
        """Each job that was accepted while the disk was full on and off ends once, graded."""
        self.start("6m")  # in which the store's log has no room ahead
        accepted, refused = [], 0
        for number in range(40):
            if number % 10 == 3:
                self.fill()
            added = self.service.add(LAB, output_file=f"full{number}", jobName=f"full{number}")
            self.assertEqual(added.status, 200)
            if added.json()["statusId"] == 0:
                accepted.append((number, int(added.json()["jobId"])))
            else:
                refused += 1
                self.assertRegex(added.text(), "(?i)full|space|stored")
            if number % 10 == 8:
                time.sleep(0.3)
                self.empty()
        for number, _ in accepted:
            self.assertTrue(self.service.wait_output(LAB, f"full{number}").endswith(b"\nhello\n"))
        ended = [each["id"] for each in self.service.jobs(dead=True)]
        for _, id in accepted:
            self.assertEqual(ended.count(id), 1)
        self.graded("after")
        self.measured = f"{len(accepted)} jobs accepted, {refused} refused"

    def test_full_when_a_large_output_comes(self):
        self.start("40m")
        self.graded("before")
        self.service.upload(LAB, "large.mk",
                            "all:\n\t@sleep 1; head -c 900000 /dev/zero | tr '\\0' x\n")
        id = int(self.service.add(LAB, output_file="large", files=[
            {"localFile": "large.mk", "destFile": "Makefile"}]).json()["jobId"])
        self.fill()
        time.sleep(2)
        state = json.loads(self.service.ask("GET", f"/v1/jobs/{id}", None, BEARER).body)["state"]
        self.assertNotEqual(state, "ended")
        self.empty()
        output = self.service.wait_output(LAB, "large")
        self.assertTrue(output.endswith(b"x" * 900_000))
        self.graded("after")


if __name__ == "__main__":
    service.main()
