#!/usr/bin/env python3
"""Whatever is killed when, every accepted job ends in exactly one result of its own.

A client adds jobs while the service is killed with SIGKILL at random moments, again and again. In
the end every job that was accepted has its own output, was called back, and nothing is left.

Usage: crash_test.py TANGO [KILLS]      (TANGO_CRASH_SEED repeats the moments of a run)
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import sqlite3
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wire"))
import service  # pylint: disable=wrong-import-position
from service import KEY  # pylint: disable=wrong-import-position

KILLS = 12
LAB = "crash"
SEED = int(os.environ.get("TANGO_CRASH_SEED", random.SystemRandom().randrange(1 << 32)))


class KilledService(service.Service):
    """A service that may be gone at any moment, and comes back on the same port."""

    def insist(self, method, path, body=None, headers=None):
        """Asks until there is an answer."""
        while True:
            try:
                return self.ask(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)


class Receiver(service.Receiver):
    """Keeps what was posted, by path."""

    def by_path(self):
        found = {}
        while not self.received.empty():
            _, path, _, body = self.received.get()
            found.setdefault(path, []).append(body)
        return found


class Client(threading.Thread):
    """Adds jobs, one after the other, each with a marker of its own; keeps those accepted."""

    def __init__(self, server, receiver):
        super().__init__()
        self.server = server
        self.receiver = receiver
        self.accepted = {}
        self.problems = []
        self.over = threading.Event()

    def run(self):
        number = 0
        while not self.over.is_set():
            number += 1
            name = f"job{number}"
            # Every fifth output is too large for the store, and becomes a file.
            fill = "head -c 50000 /dev/zero | tr '\\0' x; echo; " if number % 5 == 0 else ""
            makefile = f"all:\n\t@echo marker-{name}-begin; sleep 0.0{number % 7}; {fill}" \
                       f"echo marker-{name}-end\n"
            self.server.insist("POST", f"/upload/{KEY}/{LAB}/", makefile.encode(),
                               {"Filename": f"{name}.mk"})
            body = json.dumps({
                "image": "host", "jobName": name, "output_file": f"{name}.out", "timeout": 20,
                "files": [{"localFile": f"{name}.mk", "destFile": "Makefile"}],
                "callback_url": self.receiver.url(name)})
            told = self.server.insist("POST", f"/addJob/{KEY}/{LAB}/", body.encode()).json()
            if told["statusId"] != 0:
                self.problems.append(f"{name}: {told}")
                return
            self.accepted[name] = int(told["jobId"])


def processes_of(folder):
    """Live processes that have something to do with the data folder, or are the sandbox's."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(folder) in command and "crash_test.py" not in command:
                found.append(command)
    return found


class Crash(unittest.TestCase):
    def test_every_accepted_job_ends_once_whatever_is_killed_when(self):
        print(f"TANGO_CRASH_SEED={SEED}", flush=True)
        moments = random.Random(SEED)
        with KilledService("", ["--drain", "30"]) as server, Receiver() as receiver:
            server.open(LAB)
            client = Client(server, receiver)
            client.start()
            for _ in range(KILLS):
                time.sleep(moments.expovariate(1 / 0.4))
                server.kill()
                server.start()
            time.sleep(0.5)
            client.over.set()
            client.join()
            self.assertEqual(client.problems, [])
            self.assertGreater(len(client.accepted), KILLS)
            self.outputs_are_their_own(server, client.accepted)
            self.callbacks_came(receiver, client.accepted)
            self.each_ended_once(server, client.accepted)
            self.assertEqual(server.stop(), 0)
            self.nothing_is_left(server.path, client.accepted)
            print(f"{len(client.accepted)} jobs over {KILLS} kills", flush=True)

    def outputs_are_their_own(self, server, accepted):
        for job in accepted:
            text = server.wait_output(LAB, f"{job}.out", 120).decode()
            self.assertEqual(re.findall(r"marker-\S+", text),
                             [f"marker-{job}-begin", f"marker-{job}-end"], text)
            self.assertIn("Success: Autodriver returned normally", text)

    def callbacks_came(self, receiver, accepted):
        deadline = time.monotonic() + 60
        received = {}
        while missing := [job for job in accepted if f"/{job}" not in received]:
            self.assertLess(time.monotonic(), deadline, f"not called back: {missing}")
            time.sleep(0.05)
            for path, bodies in receiver.by_path().items():
                received.setdefault(path, []).extend(bodies)
        for job in accepted:
            for body in received[f"/{job}"]:
                self.assertIn(f"marker-{job}-end".encode(), body)

    def each_ended_once(self, server, accepted):
        ended = []
        before = ""
        while True:  # newest first, page by page
            page = server.ask("GET", f"/v1/jobs?state=ended&limit=100{before}", None,
                              {"Authorization": f"Bearer {KEY}"}).json()
            ended += [(job["name"], job["id"], job["verdict"]) for job in page["jobs"]]
            if not page.get("next"):
                break
            before = f"&before={page['next']}"
        self.assertEqual(sorted(ended),
                         sorted((name, id, "succeeded") for name, id in accepted.items()))
        self.assertEqual(server.jobs(dead=False), [])

    def nothing_is_left(self, folder, accepted):
        self.assertEqual(processes_of(folder), [])
        data = folder / "data"
        files = [int(path.name) for path in (data / "outputs").rglob("*") if path.is_file()]
        with contextlib.closing(sqlite3.connect(data / "tango.db")) as store:
            stored = [job for job, in store.execute("SELECT job FROM output")]
        self.assertEqual(sorted(files + stored), sorted(accepted.values()))
        self.assertTrue(files and stored)
        self.assertEqual(list((data / "incoming").iterdir()), [])
        self.assertNotIn(str(folder), pathlib.Path("/proc/self/mountinfo").read_text())


if __name__ == "__main__":
    if len(sys.argv) > 2:
        KILLS = int(sys.argv.pop(2))
    service.main()
