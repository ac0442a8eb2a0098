#!/usr/bin/env python3
"""The verbs of `tango` that talk to a server, against a real one.

Usage: verbs_test.py TANGO
"""

import http.server
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import tango_server
from tango_server import KEY, JobFolder, environment, until

TANGO = ""


class FrontEnd(http.server.ThreadingHTTPServer):
    """Takes callbacks once it is `well`."""

    def __init__(self):
        front_end = self
        self.well = False
        self.told = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if front_end.well:
                    front_end.told.append(body)
                self.send_response(200 if front_end.well else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/told"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = tango_server.Server(TANGO)
        cls.environment = environment(TANGO_KEY=KEY, TANGO_SERVER=cls.server.url)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def tango(self, *arguments, status=0):
        done = tango_server.run(TANGO, *arguments, env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        return done

    def submit(self, recipe, *arguments, status=0):
        with JobFolder(recipe) as folder:
            return self.tango("submit", folder, *arguments, status=status)

    def added(self, recipe, *arguments):
        return self.submit(recipe, *arguments).stdout.strip()

    def job(self, number):
        return json.loads(self.tango("status", number, "--json").stdout)

    def ended(self, number):
        def find():
            job = self.job(number)
            return job if job["state"] == "ended" else None

        return until(find, "the job's end")


class Submit(WithServer):
    def test_wait_shows_the_output_and_ends_as_the_job_did(self):
        for recipe, options, status, verdict in (
                ("@echo fine", [], 0, "make succeeded"), ("@exit 3", [], 1, "make failed"),
                ("@sleep 100", ["--timeout", "0.5"], 2, "limit"),
                ("@tail /dev/zero", ["--memory", "32M"], 2, "limit")):
            with self.subTest(recipe=recipe):
                done = self.submit(recipe, "--wait", *options, status=status)
                self.assertIn(verdict, done.stderr)
        self.assertEqual(self.submit("@echo a; echo b >&2", "--wait").stdout, "a\nb\n")

    def test_the_output_comes_while_the_job_runs_and_every_byte_of_it(self):
        recipe = ("@for i in 1 2 3 4 5 6; do printf 'line %s\\377\\n' $$i; sleep 0.2; done; "
                  "printf end")
        with JobFolder(recipe) as folder:
            process = subprocess.Popen([TANGO, "submit", folder, "--wait"], env=self.environment,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            first = process.stdout.readline()
            self.assertIsNone(process.poll())
            rest = process.stdout.read()
            process.communicate(timeout=60)
        expected = b"".join(b"line %d\xff\n" % i for i in range(1, 7)) + b"end"
        self.assertEqual(first + rest, expected)

    def test_of_output_over_the_limit_the_end_is_shown(self):
        done = self.submit("@echo begin; sleep 1; head -c 100000 /dev/zero | tr '\\0' x; echo; "
                           "echo the score", "--wait", "--output-size", "2K")
        self.assertTrue(done.stdout.startswith("begin\n"), done.stdout[:80])
        self.assertTrue(done.stdout.endswith("\nthe score\n"), done.stdout[-80:])
        self.assertIn("...[excess bytes elided]...", done.stdout)

    def test_without_wait_it_prints_the_number(self):
        done = self.submit("@true", "--name", "named", "--courselab", "a lab")
        number = done.stdout.strip()
        self.assertRegex(done.stdout, r"^\d+\n$")
        self.assertIn(f"tango status {number}", done.stderr)
        job = self.ended(number)
        self.assertEqual((job["name"], job["courselab"]), ("named", "a lab"))

    def test_json_is_the_job(self):
        done = self.submit("@echo out", "--wait", "--json")
        job = json.loads(done.stdout)
        self.assertEqual(job["verdict"], "succeeded")
        self.assertTrue(job["output"].endswith("\nout\n"))
        self.assertIn("id", json.loads(self.submit("@true", "--json").stdout))

    def test_limits_reach_the_server(self):
        number = self.added("@true", "--timeout", "7.5", "--cpu-time", "3", "--cpus", "0.5",
                            "--memory", "64M", "--disk", "32M", "--inodes", "500", "--file-size",
                            "1M", "--output-size", "10K", "--processes", "20", "--open-files", "64")
        job = self.ended(number)
        self.assertEqual(job["limits"], {
            "timeout_seconds": 7.5, "cpu_seconds": 3, "processes": 20, "file_size_bytes": 1 << 20,
            "output_bytes": 10240, "open_files": 64})
        self.assertEqual(job["machine"], {"cpus": 0.5, "memory_bytes": 64 << 20,
                                          "disk_bytes": 32 << 20, "inodes": 500, "network": False})

    def test_a_handin_and_large_files_arrive(self):
        with JobFolder("@sha256sum big handin.c; wc -c <empty") as folder:
            path = pathlib.Path(folder)
            (path / "big").write_bytes(b"0123456789" * 500_000)
            (path / "empty").touch()
            (path / "student.c").write_text("int x;\n")
            local = subprocess.run(["sha256sum", "big"], cwd=folder, capture_output=True, text=True,
                                   check=True).stdout
            done = self.tango("submit", folder, f"handin.c={path}/student.c", "--wait")
        self.assertTrue(done.stdout.startswith(local))
        self.assertTrue(done.stdout.endswith("\n0\n"))

    def test_what_the_server_refuses_is_3_and_says_why(self):
        self.assertIn("nope", self.submit("@true", "--image", "nope", "--wait", status=3).stderr)
        self.assertIn("vmms", self.submit("@true", "--vmms", "nope", status=3).stderr.lower())

    def test_a_folder_that_is_no_job_is_64(self):
        self.assertIn("no folder", self.tango("submit", "/nonexistent", status=64).stderr)
        self.tango("submit", status=64)

    def test_what_is_no_number_is_64(self):
        for verb, option in ((["submit", "."], "--timeout"), (["submit", "."], "--cpu-time"),
                             (["submit", "."], "--cpus"), (["pools", "--set", "a=1"], "--cpus"),
                             (["serve", "--config", "/nonexistent"], "--drain")):
            for value in ("nan", "-1", "x"):
                with self.subTest(verb=verb, value=value):
                    self.assertIn(option, self.tango(*verb, option, value, status=64).stderr)

    def test_ctrl_c_leaves_the_job_running_and_says_how_to_see_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with JobFolder("@echo running; sleep 1000") as folder:
                process = subprocess.Popen([TANGO, "submit", folder, "--wait", "--timeout", "900"],
                                           env=self.environment, stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True)
                self.assertEqual(process.stdout.readline(), "running\n")
                process.send_signal(number)
                _, told = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130, told)
            job = told.split("job ")[1].split()[0]
            self.assertIn(f"`tango status {job}`", told)
            # A job shows as running a moment behind its beginning.
            until(lambda: self.job(job)["state"] == "running", "the job shows as running")
            self.assertIn("cancelled", self.tango("cancel", job).stdout)
            self.assertEqual(self.job(job)["verdict"], "cancelled")

    def test_a_job_that_is_cancelled_is_130(self):
        with JobFolder("@echo running; sleep 1000") as folder:
            process = subprocess.Popen([TANGO, "submit", folder, "--wait", "--timeout", "900"],
                                       env=self.environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.assertEqual(process.stdout.readline(), "running\n")
            newest = json.loads(self.tango("jobs", "--limit", "1", "--json").stdout)[0]
            self.tango("cancel", newest["id"], "--json")
            _, told = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertIn("cancelled", told)


class Looking(WithServer):
    def test_status_of_a_job_tells_its_story(self):
        number = self.added("@echo hi", "--name", "story")
        self.ended(number)
        shown = self.tango("status", number).stdout
        for line in (rf"^Job +{number}  story$", r"^State +make succeeded",
                     r"^Image +host on sandbox", r"^Used .* of memory", r"^Files +Makefile$",
                     r"^  .*\|Added job story:"):
            self.assertRegex(shown, f"(?m){line}")

    def test_status_of_the_server_shows_its_queue_vmms_and_pools(self):
        shown = self.tango("status").stdout
        self.assertRegex(shown, rf"(?m)^Server +Tango \S+ at {self.server.url}$")
        self.assertRegex(shown, r"(?m)^Jobs +\d+ queued, \d+ running")
        self.assertRegex(shown, r"(?m)^sandbox \(default\) +.* of .*ready$")
        state = json.loads(self.tango("status", "--json").stdout)
        self.assertEqual(set(state), {"info", "vmms", "pools"})

    def test_output_is_the_file_byte_for_byte(self):
        number = self.added("@printf 'a\\377\\033z'")
        self.ended(number)
        target = self.server.path / "out"
        self.assertEqual(self.tango("output", number, "-o", target).stdout, "")
        self.assertTrue(target.read_bytes().endswith(b"status 0\na\xff\x1bz"))
        self.assertEqual(json.loads(self.tango("output", number, "--json").stdout)["final"], True)
        full = self.tango("output", number, "-o", "/dev/full", status=1).stderr
        self.assertIn("/dev/full", full)

    def test_output_of_a_running_job_is_what_there_is(self):
        number = self.added("@echo begun; sleep 1000", "--timeout", "900")
        until(lambda: "begun" in self.tango("output", number).stdout, "its output")
        self.assertIn("has not ended", self.tango("output", number).stderr)
        self.tango("cancel", number)

    def test_jobs_are_listed_newest_first_and_filtered(self):
        numbers = [self.added("@true", "--courselab", "listed", "--name", f"job {i}")
                   for i in range(3)]
        for number in numbers:
            self.ended(number)
        rows = self.tango("jobs", "--courselab", "listed").stdout.splitlines()
        self.assertRegex(rows[0], r"^ *JOB  NAME +COURSELAB +IMAGE +STATE +ADDED +RAN$")
        self.assertEqual([row.split()[0] for row in rows[1:]], numbers[::-1])
        self.assertRegex(rows[1], r"job 2 +listed +host +succeeded +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
        self.assertEqual(len({len(row) for row in rows}), 1, "aligned")
        self.assertEqual(len(self.tango("jobs", "--courselab", "listed", "--limit", "2")
                             .stdout.splitlines()), 3)
        none = self.tango("jobs", "--state", "running", "--courselab", "listed").stdout
        self.assertEqual(none, "There are no such jobs.\n")
        self.tango("jobs", "--state", "odd", status=64)

    def test_times_are_local(self):
        number = self.added("@true")
        added = self.ended(number)["times"]["added"]
        self.environment = {**self.environment, "TZ": "XYZ-5"}
        east = self.tango("jobs", "--limit", "1").stdout
        self.environment = {**self.environment, "TZ": "UTC0"}
        here = self.tango("jobs", "--limit", "1").stdout
        self.assertIn(added[:19].replace("T", " "), here)
        self.assertNotEqual(east, here)

    def test_cancel_of_what_has_ended_is_refused(self):
        number = self.added("@true")
        self.ended(number)
        self.assertRegex(self.tango("cancel", number, status=1).stderr, "^tango: .+")

    def test_pools_are_set_and_shown(self):
        self.assertRegex(self.tango("pools", "--set", "host=1", "--memory", "64M").stdout,
                         r"(?m)^host +sandbox +\S+ +64.0 MiB +1 ")
        until(lambda: [pool for pool in json.loads(self.tango("pools", "--json").stdout)["pools"]
                       if pool["preallocated"] == 1 and pool["free"]], "a free VM")
        self.assertRegex(self.tango("pools").stdout, r"(?m)^host .* 1 +1 +1$")
        self.tango("pools", "--set", "host=0", "--memory", "64M", "--json")
        for wrong in ("host", "=1", "host=", "host=-1", "host=1x"):
            self.assertIn("--set", self.tango("pools", "--set", wrong, status=64).stderr)
        self.assertIn("nope", self.tango("pools", "--set", "nope=1", status=1).stderr)

    def test_callbacks_are_listed_and_sent_again(self):
        front_end = FrontEnd()
        number = self.added("@echo hello", "--callback-url", f"{front_end.url}?secret")
        rows = until(lambda: [row for row in self.tango("callbacks", "list").stdout.splitlines()
                              if row.split()[:2] == [number, "1"]], "the first attempt's failure")
        self.assertIn(front_end.url, rows[0])
        self.assertNotIn("secret", rows[0])
        front_end.well = True
        self.assertEqual(self.tango("callbacks", "resend", number).stdout,
                         f"The callback of job {number} is due now.\n")
        until(lambda: front_end.told, "the callback")
        self.assertIn(b"\nhello\n", front_end.told[0])
        until(lambda: not json.loads(self.tango("callbacks", "list", "--json").stdout)["callbacks"],
              "that nothing is owed")
        self.assertEqual(self.tango("callbacks", "list").stdout, "No callback is owed.\n")
        other = self.added("@true")
        self.ended(other)
        self.tango("callbacks", "resend", other, status=1)
        front_end.shutdown()
        front_end.server_close()

    def test_a_job_that_is_not_there_is_one_sentence(self):
        for verb in (["status"], ["output"], ["cancel"], ["callbacks", "resend"]):
            done = self.tango(*verb, "999999", status=1)
            self.assertRegex(done.stderr, r"^tango: [^\n]*999999[^\n]*\n$")
            self.tango(*verb, "x", status=64)

    def test_a_terminal_gets_colours_and_no_control_characters_of_others(self):
        number = self.added("@printf 'red \\033[31m\\303'", "--name", "evil\u202eeman")
        self.ended(number)
        for changes, coloured in (({"TERM": "xterm"}, True),
                                  ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
            status, shown = tango_server.run_on_terminal(
                TANGO, "jobs", "--limit", "1", env={**self.environment, **changes})
            self.assertEqual(status, 0)
            self.assertIn(r"evil\u202eeman", shown)
            self.assertEqual("\x1b[32msucceeded\x1b[0m" in shown, coloured)
        _, output = tango_server.run_on_terminal(TANGO, "output", number, env=self.environment)
        self.assertTrue(output.endswith("red \\x1b[31m\ufffd\r\n"), repr(output[-40:]))
        piped = self.tango("jobs", "--limit", "1").stdout
        self.assertNotIn("\x1b", piped)


class Hosts(unittest.TestCase):
    """A Docker that does not answer is a host all the same."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="tango-hosts-")
        config = pathlib.Path(cls.folder.name) / "tango.toml"
        config.write_text('[vmms.localDocker]\nenabled = true\n'
                          'address = "unix:///nonexistent/docker.sock"\n')
        cls.server = tango_server.Server(TANGO, "--config", config)
        cls.environment = environment(TANGO_KEY=KEY, TANGO_SERVER=cls.server.url)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def tango(self, *arguments, status=0):
        done = tango_server.run(TANGO, *arguments, env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_hosts_are_listed_drained_and_undrained(self):
        shown = self.tango("hosts").stdout
        self.assertRegex(shown, r"local +localDocker +unix:///nonexistent/docker.sock .*set aside")
        self.assertIn("drained, and set aside", self.tango("hosts", "drain", "local").stdout)
        host = json.loads(self.tango("hosts", "--json").stdout)["hosts"][0]
        self.assertTrue(host["draining"])
        host = json.loads(self.tango("hosts", "undrain", "local", "--vmms", "localDocker",
                                     "--json").stdout)
        self.assertFalse(host["draining"])
        self.assertIn("'nobody'", self.tango("hosts", "drain", "nobody", status=1).stderr)
        self.tango("hosts", "drain", status=64)

    def test_images_are_listed_as_far_as_they_are_known(self):
        done = self.tango("images")
        self.assertRegex(done.stdout, r"host +sandbox")
        self.assertIn("the images of localDocker are not known: ", done.stderr)
        listed = json.loads(self.tango("images", "--json").stdout)
        self.assertIn({"vmms": "sandbox", "name": "host", "hosts": None}, listed["images"])

    def test_the_status_says_that_no_host_takes_vms(self):
        self.assertRegex(self.tango("status").stdout, r"localDocker .*no host takes VMs")


class Access(unittest.TestCase):
    def refused(self, *arguments, env, status=1):
        done = tango_server.run(TANGO, *arguments, env=env)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"^tango: [^\n]+\n$")
        return done.stderr

    def test_the_key_of_this_machines_service_is_found_in_its_data_folder(self):
        server = tango_server.Server(TANGO, key=None)
        key = (server.path / "data/key").read_text().strip()
        try:
            here = ["--server", server.url]
            found = tango_server.run(TANGO, "status", *here, "--data-dir", server.path / "data")
            self.assertEqual(found.returncode, 0, found.stderr)
            self.assertNotIn(key, found.stdout + found.stderr)
            given = tango_server.run(TANGO, "status", *here, "--key-file", server.path / "data/key")
            self.assertEqual(given.returncode, 0, given.stderr)
            told = self.refused("status", *here, "--key", "a wrong one", env=environment())
            self.assertIn("--key", told)
            self.assertNotIn("a wrong one", told)
            told = self.refused("status", *here, env=environment(TANGO_KEY="wrong"))
            self.assertIn("$TANGO_KEY", told)
        finally:
            server.stop()
        self.assertIn("`tango serve`", self.refused("status", *here, "--key", "x",
                                                    env=environment()))

    def test_the_key_of_this_machine_is_not_sent_to_another(self):
        told = self.refused("status", "--server", "http://tango.example", "--data-dir", "/",
                            env=environment(), status=64)
        self.assertIn("no key for http://tango.example", told)

    def test_addresses_and_keys_that_are_none(self):
        for arguments, word in (
                (["--server", "ftp://x", "--key", "k"], "http"),
                (["--server", "http://user:pass@x", "--key", "k"], "user name"),
                (["--server", "http://x/?a", "--key", "k"], "path"),
                (["--key-file", "/nonexistent"], "/nonexistent"),
                (["--key-file", "/dev/null"], "no key"),
                (["--key", "a\nb"], "control character"),
                (["--data-dir", "/nonexistent"], "--key-file")):
            with self.subTest(arguments=arguments):
                told = self.refused("jobs", *arguments, env=environment(), status=64)
                self.assertIn(word, told)
                self.assertNotIn("pass", told)


if __name__ == "__main__":
    TANGO = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
