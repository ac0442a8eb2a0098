#!/usr/bin/env python3
"""`tango serve` from its start to its end: keys, one server a folder, stopping, coming back.

Usage: lifecycle_test.py TANGO
"""

import http.client
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wire"))
import service  # pylint: disable=wrong-import-position
from service import KEY, Service  # pylint: disable=wrong-import-position

LAB = "lab"


def serve(folder, *options):
    """Starts a service that is expected not to get far."""
    port = [] if "--port" in options else ["--port", "0"]
    return subprocess.run(
        [service.TANGO, "serve", "--data-dir", str(folder), *port, *options],
        capture_output=True, text=True, timeout=60, check=False)


def add(server, name, recipe, **fields):
    server.upload(LAB, f"{name}.mk", f"all:\n\t{recipe}\n")
    answer = server.add(LAB, jobName=name, output_file=f"{name}.out",
                        files=[{"localFile": f"{name}.mk", "destFile": "Makefile"}], **fields)
    return int(answer.json()["jobId"])


class Start(unittest.TestCase):
    def test_a_second_server_on_the_same_folder_is_refused_with_a_sentence(self):
        with Service() as server:
            second = serve(server.path / "data", "--key", KEY)
            self.assertEqual(second.returncode, 1)
            self.assertRegex(second.stderr, r"another tango serve \(process \d+\) runs on this")
            self.assertEqual(server.get("info", KEY).json()["statusId"], 0)

    def test_a_port_that_is_taken_is_said(self):
        with Service() as server, tempfile.TemporaryDirectory() as folder:
            second = serve(folder, "--key", KEY, "--port", str(server.port))
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"port {server.port}", second.stderr)

    def test_a_weak_key_is_refused_on_any_address_but_loopback(self):
        with tempfile.TemporaryDirectory() as folder:
            for key in ("test", "short"):
                refused = serve(folder, "--host", "0.0.0.0", "--key", key)
                self.assertEqual(refused.returncode, 1)
                self.assertIn("key", refused.stderr)
                self.assertNotIn(f"'{key}'", refused.stderr)

    def test_an_unknown_vmms_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            refused = serve(folder, "--key", KEY, "--vmms", "nope")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("nope", refused.stderr)

    def test_without_a_key_it_makes_one_that_only_its_owner_can_read(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [service.TANGO, "serve", "--data-dir", folder, "--port", "0"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            port = int(process.stdout.readline().rpartition(":")[2])
            file = pathlib.Path(folder) / "key"
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            key = file.read_text().strip()
            self.assertGreaterEqual(len(key), 32)
            asked = http.client.HTTPConnection("127.0.0.1", port)
            asked.request("GET", f"/info/{key}/")
            self.assertEqual(json.loads(asked.getresponse().read())["statusId"], 0)
            asked.close()
            process.terminate()
            _, said = process.communicate(timeout=60)
            self.assertIn(str(file), said)
            self.assertNotIn(key, said)


class Stop(unittest.TestCase):
    def test_a_running_job_may_end_and_its_result_is_there_afterwards(self):
        with Service("", ["--drain", "30"]) as server:
            server.open(LAB)
            id = add(server, "one", "@sleep 1; echo done")
            server.wait_for(lambda: (server.job(id, dead=False) or {}).get("assigned"))
            self.assertEqual(server.stop(), 0)
            server.start()
            self.assertIn(b"done", server.wait_output(LAB, "one.out"))
            trace = server.job(id, dead=True)["trace"]
            self.assertFalse([line for line in trace if "queue" in line][1:], trace)

    def test_what_runs_too_long_and_what_waits_goes_back_to_the_queue(self):
        with Service("", ["--drain", "0.2"]) as server:
            server.open(LAB)
            marker = "@sleep 2; echo done"
            ids = [add(server, f"job{number}", marker) for number in range(6)]
            server.wait_for(lambda: (server.job(ids[0], dead=False) or {}).get("assigned"))
            self.assertEqual(server.stop(), 0)
            server.start()
            for number in range(6):
                self.assertIn(b"done", server.wait_output(LAB, f"job{number}.out"))
            trace = "\n".join(server.job(ids[0], dead=True)["trace"])
            self.assertIn("handed back to the queue", trace)

    def test_a_second_signal_ends_it_at_once_and_nothing_is_lost(self):
        with Service("", ["--drain", "60"]) as server:
            server.open(LAB)
            id = add(server, "one", "@sleep 2; echo done")
            server.wait_for(lambda: (server.job(id, dead=False) or {}).get("assigned"))
            server.process.send_signal(signal.SIGTERM)
            server.wait_for(lambda: "stopping" in server.log())
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(30), -signal.SIGTERM)
            server.process.stdout.close()
            server.start()
            self.assertIn(b"done", server.wait_output(LAB, "one.out"))

    def test_no_key_is_in_the_log(self):
        with Service() as server:
            server.get("info", KEY)
            server.get("info", "a-wrong-key-of-somebody")
            server.get("nowhere", KEY)
            server.raw(b"GET /info/" + KEY.encode() + b" HTTP/9.9\r\n\r\n")
            server.stop()
            self.assertNotIn(KEY, server.log())
            self.assertNotIn("a-wrong-key", server.log())


class Cancel(unittest.TestCase):
    def test_a_queued_and_a_running_job_end_with_a_result_that_says_so_and_a_callback(self):
        with Service() as server, service.Receiver() as receiver:
            server.open(LAB)
            busy = [add(server, f"busy{number}", "@sleep 30", callback_url=receiver.url("busy"))
                    for number in range(8)]
            queued = add(server, "queued", "@echo ran", callback_url=receiver.url("queued"))
            running = busy[0]
            server.wait_for(lambda: (server.job(running, dead=False) or {}).get("assigned"))
            for id in (queued, running):
                self.assertEqual(server.post("cancel", KEY, str(id)).json()["statusId"], 0)
                job = server.job(id, dead=True)
                self.assertIn("Error: Job was cancelled", job["trace"][-1])
                again = server.post("cancel", KEY, str(id)).json()
                self.assertEqual(again["statusId"], -1)
            output = server.wait_output(LAB, "queued.out")
            self.assertIn(b"Error: Job was cancelled", output)
            self.assertNotIn(b"ran\n", output)
            called = {receiver.received.get(timeout=30)[1] for _ in range(2)}
            self.assertEqual(called, {"/queued", "/busy"})
            for id in busy[1:]:
                server.post("cancel", KEY, str(id))


if __name__ == "__main__":
    service.main()
