#!/usr/bin/env python3
"""The time of day is set back and forward while the service runs; its monotonic clock goes on, as
a machine's does. Usage: client_clock_test.py TANGO"""

import email.utils
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import time

import clients
from clients import BEARER, LAB
import service
from service import Receiver

CONFIG = """
[vmms.sandbox]
vms_max = 2
[jobs]
same_job_window = "10 s"
[callbacks]
hold = "1 s"
backoff_min = "1 s"
backoff_max = "1 s"
[history]
days = 30
jobs_max = 20
unused_files_days = 1
look_every = "1 s"
"""
HOUR, DAY = 3600, 24 * 3600
JUMPS = {"an hour back": -HOUR, "ten years back": -3650 * DAY, "a day forward": DAY}
RECIPES = {"short": "@echo short", "long": "@sleep 2; echo long", "endless": "@sleep 600"}


class Clock:
    """The time of day of a program that is started with `environment`."""

    def __init__(self, folder):
        library = pathlib.Path(folder) / "shifted_clock.so"
        subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", library,
                        pathlib.Path(__file__).parent / "shifted_clock.c"], check=True)
        self.file = pathlib.Path(folder) / "ahead"
        self.environment = {**os.environ, "LD_PRELOAD": library, "SHIFTED_CLOCK": self.file}
        self.set(0)

    def set(self, ahead):
        """This machine's, and some seconds."""
        self.ahead = ahead
        with open(self.file, "r+b" if self.file.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("q", ahead))

    def is_at(self, when):
        """Give or take more than a slow machine may need."""
        return abs(when - time.time() - self.ahead) < HOUR / 2


class SetClock(clients.Told):
    def setUp(self):
        self.clock = Clock(self.enterContext(tempfile.TemporaryDirectory(prefix="tango-clock-")))
        self.service = service.Service(CONFIG, environment=self.clock.environment)
        self.addCleanup(self.service.__exit__)
        self.service.open(LAB)
        for name, recipe in RECIPES.items():
            self.service.upload(LAB, name, f"all:\n\t{recipe}\n")

    def jump(self, ahead):
        self.clock.set(ahead)
        date = self.service.ask("GET", "/healthz").headers["Date"]
        self.assertTrue(self.clock.is_at(email.utils.parsedate_to_datetime(date).timestamp()),
                        f"the service's clock was not set: {date}")

    def each_jump(self, attack):
        """The attack with each, from the right time of day; it is given a name for its jobs."""
        for what, ahead in JUMPS.items():
            with self.subTest(what):
                self.jump(0)
                attack(what.replace(" ", "-"), ahead)

    def add(self, recipe, name, **fields):
        answer = self.service.add(LAB, jobName=name, output_file=name, **fields, files=[
            {"localFile": recipe, "destFile": "Makefile"}]).json()
        self.assertEqual(answer["statusId"], 0, answer)
        return int(answer["jobId"])

    def ask(self, path):
        return json.loads(self.service.ask("GET", path, None, BEARER).body)

    def until_runs(self, id):
        self.service.wait_for(lambda: self.ask(f"/v1/jobs/{id}")["state"] != "queued")

    def owed(self):
        return self.ask("/v1/callbacks")["callbacks"]

    def ended(self, id, output=None, verdict="succeeded"):
        """Its record: it has ended once, in the first try, as it has to."""
        job = self.ask(f"/v1/jobs/{id}?wait=60")
        self.assertEqual((job["state"], job["verdict"], job["retries"]), ("ended", verdict, 0), job)
        for name, number in {**job["phases"], **job["usage"]}.items():
            self.assertGreaterEqual(number or 0, 0, f"{name} of {job}")
        self.assertEqual([each["id"] for each in self.service.jobs(dead=True)].count(id), 1)
        written = self.service.wait_output(LAB, job["output_file"])
        if output:
            self.assertTrue(written.endswith(f"\n{output}\n".encode()), written)
        return job

    def test_while_jobs_run_and_wait(self):
        def attack(name, ahead):
            with Receiver() as receiver:
                endless = self.add("endless", f"{name}-endless", timeout=1)
                long = self.add("long", name, timeout=20, callback_url=receiver.url())
                queued = [self.add("short", f"{name}-queued{number}") for number in range(4)]
                self.until_runs(long)
                self.jump(ahead)
                queued.append(self.add("short", f"{name}-later"))
                self.assertEqual(self.ended(endless, verdict="limit")["outcome"]["ended_by"],
                                 "wall_time")
                self.ended(long, "long")
                for id in queued:
                    self.ended(id, "short")
                self.called_back(receiver, name)
        self.each_jump(attack)

    def test_between_a_job_s_end_and_its_callback(self):
        def attack(name, ahead):
            with Receiver() as receiver:
                id = self.add("short", name, callback_url=receiver.url())
                self.ended(id, "short")
                self.jump(ahead)
                self.called_back(receiver, name)
        self.each_jump(attack)

    def test_between_two_attempts_at_a_callback(self):
        def attack(name, ahead):
            with Receiver(statuses=[503]) as receiver:
                id = self.add("short", name, callback_url=receiver.url())
                receiver.received.get(timeout=60)
                self.service.wait_for(lambda: not self.owed() or self.owed()[0]["attempts"])
                self.jump(ahead)
                self.called_back(receiver, name)
        self.each_jump(attack)

    def called_back(self, receiver, output_file):
        """Once more, and no more."""
        *_, headers, body = receiver.received.get(timeout=60)
        self.assertEqual(headers["Filename"], output_file)
        self.assertRegex(body, rb"\n(short|long)\n")
        self.service.wait_for(lambda: not self.owed())
        self.assertTrue(receiver.received.empty())

    def test_the_same_request_long_after_is_another_job(self):
        def attack(name, ahead):
            first = self.add("short", name)
            self.assertEqual(self.add("short", name), first)
            self.ended(first, "short")
            self.jump(ahead)
            second = self.service.wait_for(lambda: (id := self.add("short", name)) != first and id)
            self.ended(second, "short")
        self.each_jump(attack)

    def test_nothing_is_forgotten_before_its_time(self):
        old = self.add("short", "old")
        self.ended(old, "short")
        self.jump(2 * DAY)
        # A file that was not used for a day is forgotten: the history was looked through.
        self.service.wait_for(lambda: not self.service.open(LAB).json()["files"])
        self.ended(old, "short")
        self.jump(40 * DAY)
        self.service.wait_for(lambda: self.ask(f"/v1/jobs/{old}").get("status") == 404)

    def test_what_ends_after_a_jump_is_not_the_first_that_is_forgotten(self):
        for number in range(30):  # more than are kept
            last = self.add("short", f"before{number}")
        self.ended(last, "short")
        self.jump(JUMPS["ten years back"])
        after = [self.add("short", f"after{number}") for number in range(10)]
        for id in after:
            self.ended(id, "short")
        self.service.wait_for(lambda: len(self.service.jobs(dead=True)) == 20)
        for id in after:
            self.ended(id, "short")

    def test_a_service_that_starts_in_its_own_past(self):
        def attack(name, ahead):
            done = self.add("short", f"{name}-done")
            self.ended(done, "short")
            running = [self.add("long", f"{name}-running{number}") for number in range(2)]
            queued = self.add("short", f"{name}-queued")
            self.until_runs(running[1])
            self.service.kill()
            self.clock.set(ahead)
            self.service.start()
            self.jump(ahead)
            self.assertGreater(self.add("short", f"{name}-new"), queued)
            self.ended(done, "short")
            self.ended(queued, "short")
            for id in running:
                self.ended(id, "long")
        self.each_jump(attack)


if __name__ == "__main__":
    service.main()
