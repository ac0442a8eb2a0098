#!/usr/bin/env python3
"""`tango bench`: small runs, with its own server and against a running one.

Usage: bench_test.py TANGO
"""

import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import tango_server
from tango_server import KEY, environment, until

TANGO = ""
SMALL = ("--jobs", "5", "--burst", "20", "--rate", "10", "--seconds", "1")
SPREAD = ("median", "p95", "p99", "max")
PHASES = ("queued_ms", "vm_ms", "copy_in_ms", "run_ms", "copy_out_ms", "publish_ms")


def processes_of(folder):
    """The command lines of the processes that were given something in `folder`."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except (OSError, NotADirectoryError):
            continue
        if any(str(folder) in word for word in words):
            found.append(words)
    return found


class Bench(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="tango-bench-test-")
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        self.environment = environment(TMPDIR=str(self.temporary))

    def bench(self, *arguments, status=0):
        done = tango_server.run(TANGO, "bench", *arguments, env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.nothing_is_left()
        return done

    def measure(self, *arguments):
        return json.loads(self.bench("--json", *arguments).stdout)

    def nothing_is_left(self):
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(processes_of(self.temporary), [])

    def makefile(self, recipe):
        path = self.folder / "own.mk"
        path.write_text(f"all:\n\t{recipe}\n")
        return path

    def is_positive(self, number):
        self.assertTrue(math.isfinite(number) and number > 0, number)

    def check_latencies(self, part, jobs):
        self.assertEqual(part["jobs"], jobs)
        for whose in ("tango_ms", "bare_make_ms"):
            values = [part[whose][name] for name in SPREAD]
            self.assertEqual(values, sorted(values))
            self.is_positive(values[0])
        self.is_positive(part["ratio"])
        self.assertTrue(math.isfinite(part["difference_ms"]))
        self.check_phases(part["phases"], (*PHASES, "rest_ms"))

    def check_phases(self, phases, names):
        self.assertEqual(sorted(phases), sorted(names))
        for name in PHASES:
            self.assertGreaterEqual(phases[name]["median"], 0)
            self.assertGreaterEqual(phases[name]["p95"], phases[name]["median"])

    def check_memory(self, memory):
        self.assertGreaterEqual(memory["processes"], 1)
        self.is_positive(memory["rss_bytes"])


class OwnServer(Bench):
    def test_measures_every_part_and_leaves_nothing(self):
        page = self.folder / "page.html"
        found = self.measure(*SMALL, "--html", page)
        self.assertIsNone(found["server"])
        for name in ("version", "date", "command_line", "image"):
            self.assertTrue(found[name], name)
        self.assertGreaterEqual(found["machine"]["cores"], 1)
        for name in ("kernel", "file_system"):
            self.assertTrue(found["machine"][name], name)
        self.check_latencies(found["latency"], 5)
        burst = found["burst"]
        self.assertEqual(burst["jobs"], 20)
        for name in ("seconds", "jobs_per_second", "added_per_second", "bare_makes_per_second",
                     "ratio"):
            self.is_positive(burst[name])
        self.check_phases(burst["phases"], PHASES)
        self.check_latencies(found["steady"], 10)
        self.assertEqual((found["steady"]["jobs_per_second"], found["steady"]["seconds"]), (10, 1))
        self.check_cost(found["cost"])
        self.check_page(page.read_text())

    def check_cost(self, cost):
        self.check_memory(cost["memory_before"])
        self.check_memory(cost["memory_after"])
        for name in ("latency", "burst", "steady"):
            self.is_positive(cost["service_us_per_job"][name])
        self.is_positive(cost["bare_make_us"])
        self.assertTrue(math.isfinite(cost["below_us_per_job"]))

    def check_page(self, text):
        root = xml.etree.ElementTree.fromstring(text)
        space = "{http://www.w3.org/1999/xhtml}"
        tags = [element.tag for element in root.iter()]
        self.assertEqual(tags.count(f"{space}svg"), 4)
        self.assertEqual(tags.count(f"{space}table"), 5)
        for tag in ("script", "link", "img", "iframe", "object", "embed"):
            self.assertNotIn(f"{space}{tag}", tags)
        for element in root.iter():
            for name in ("src", "href", "srcset", "data"):
                self.assertNotIn(name, element.attrib)
        self.assertNotRegex(text, r"url\(|@import")
        for words in ("prefers-color-scheme: dark", "bare make", "copy out", "tango bench"):
            self.assertIn(words, text)

    def test_the_table_says_the_same_in_words(self):
        shown = self.bench("--jobs", "3", "--burst", "4", "--rate", "5", "--seconds", "1").stdout
        for words in ("Latency: 3 jobs", "Burst: 4 jobs", "Steady: 5.0 jobs/s", "bare make",
                      "difference", "ratio", "publish", "the rest", "memory before"):
            self.assertIn(words, shown)

    def test_a_part_of_0_is_left_out(self):
        found = self.measure("--jobs", "2", "--burst", "0")
        self.assertEqual((found["burst"], found["steady"]), (None, None))
        self.assertEqual(found["latency"]["jobs"], 2)
        found = self.measure("--jobs", "0", "--burst", "3", "--seconds", "0")
        self.assertEqual((found["latency"], found["steady"]), (None, None))
        self.assertEqual(found["burst"]["jobs"], 3)
        self.is_positive(found["burst"]["ratio"])

    def test_without_a_rate_it_is_half_of_the_burst(self):
        found = self.measure("--jobs", "0", "--burst", "10", "--seconds", "0.2")
        self.assertAlmostEqual(found["steady"]["jobs_per_second"],
                               found["burst"]["jobs_per_second"] / 2, places=3)

    def test_files_and_a_makefile_of_ones_own(self):
        data = self.folder / "data.txt"
        data.write_text("some text\n")
        found = self.measure("--jobs", "2", "--burst", "2", "--seconds", "0", "--makefile",
                             self.makefile("@cat given && echo more > made && cat made"), "--file",
                             f"given={data}")
        self.assertEqual(found["latency"]["jobs"], 2)

    def test_a_failing_makefile_has_no_speed(self):
        done = self.bench(*SMALL, "--makefile", self.makefile("@echo oh no; exit 3"), status=1)
        self.assertIn("a bare make of the Makefile fails", done.stderr)
        self.assertIn("oh no", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_makefile_that_fails_only_as_a_job_is_shown(self):
        recipe = '@test "$$USER" != autograde || { echo not here; exit 3; }'
        for part in (["--jobs", "1", "--burst", "0"],
                     ["--jobs", "0", "--burst", "2", "--seconds", "0"],
                     ["--jobs", "0", "--burst", "0", "--rate", "5", "--seconds", "1"]):
            with self.subTest(part=part):
                done = self.bench(*part, "--makefile", self.makefile(recipe), status=1)
                self.assertRegex(done.stderr, r"job \d+ did not succeed.*make failed.*not here")

    def test_another_output_than_that_of_the_bare_make_is_an_error(self):
        done = self.bench("--jobs", "1", "--burst", "0", "--makefile",
                          self.makefile('@echo "user: $$USER"'), status=1)
        self.assertRegex(done.stderr, r"job \d+ printed something else than a bare make")
        done = self.bench("--jobs", "0", "--burst", "4", "--seconds", "0", "--makefile",
                          self.makefile("@date +%N"), status=1)
        self.assertIn("something else", done.stderr)

    def test_an_image_that_is_not_there_is_an_error(self):
        done = self.bench(*SMALL, "--image", "nothing-like-it", status=1)
        self.assertIn("nothing-like-it", done.stderr)

    def test_an_interrupt_leaves_nothing(self):
        # A terminal's Ctrl-C goes to the makes too, a service manager's signal to one process.
        for given, send in ((signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)):
            with self.subTest(signal=given):
                process = subprocess.Popen(
                    [TANGO, "bench", "--jobs", "1000000", "--burst", "0"], env=self.environment,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    start_new_session=True)
                until(lambda: processes_of(self.temporary), "the server")
                until(lambda: any(self.temporary.glob("*/bare/runs/0")), "the first job")
                send(process.pid, given)
                shown, said = process.communicate(timeout=60)
                self.assertEqual((process.returncode, shown), (130, ""), said)
                self.assertIn("interrupted", said)
                self.nothing_is_left()

    def test_a_killed_one_leaves_no_server(self):
        process = subprocess.Popen([TANGO, "bench", "--jobs", "1000000"], env=self.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: processes_of(self.temporary), "the server")
        process.kill()
        process.wait()
        until(lambda: not processes_of(self.temporary), "the server's end")


class Refusals(Bench):
    def test_values_that_make_no_sense_are_refused_by_their_option(self):
        for arguments, named in ((["--jobs", "-1"], "--jobs"), (["--burst", "many"], "--burst"),
                                 (["--rate", "-3"], "--rate"), (["--rate", "1e9"], "--rate"),
                                 (["--seconds", "nan"], "--seconds"), (["--pid", "0"], "--pid"),
                                 (["--jobs", "99999999999"], "--jobs"),
                                 (["--jobs", "0", "--burst", "0"], "--jobs"),
                                 (["--rate", "1000", "--seconds", "80000"], "--rate"),
                                 (["--key", "x"], "--key"), (["--pid", "1"], "--pid")):
            with self.subTest(arguments=arguments):
                self.assertIn(named, self.bench(*arguments, status=64).stderr)

    def test_files_that_are_not_there_are_named(self):
        nowhere = self.folder / "nowhere" / "file"
        for option in ("--makefile", "--file", "--html"):
            with self.subTest(option=option):
                done = self.bench("--jobs", "1", option, nowhere, status=1)
                self.assertIn(option, done.stderr)
                self.assertIn(str(nowhere), done.stderr)


class RunningServer(Bench):
    @classmethod
    def setUpClass(cls):
        cls.server = tango_server.Server(TANGO)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        super().setUp()
        self.environment["TANGO_KEY"] = KEY

    def test_measures_it_and_leaves_it(self):
        found = self.measure(*SMALL, "--server", self.server.url)
        self.assertEqual(found["server"], self.server.url)
        self.check_latencies(found["latency"], 5)
        self.assertEqual(found["burst"]["jobs"], 20)
        self.assertEqual((found["cost"], found["machine"]["file_system"]), (None, None))
        self.assertIsNone(self.server.process.poll())

    def test_with_its_process_the_cost_is_known(self):
        pid = self.server.process.pid
        found = self.measure("--jobs", "5", "--burst", "0", "--server", self.server.url, "--pid",
                             pid)
        self.check_memory(found["cost"]["memory_after"])
        self.is_positive(found["cost"]["service_us_per_job"]["latency"])
        self.assertEqual(found["cost"]["service_us_per_job"]["burst"], None)
        self.assertIsNone(found["cost"]["below_us_per_job"])
        gone = self.bench("--server", self.server.url, "--pid", 2 ** 22 - 1, status=1)
        self.assertIn("there is no process", gone.stderr)

    def test_the_environment_names_it_too(self):
        self.environment["TANGO_SERVER"] = self.server.url
        self.assertEqual(self.measure("--jobs", "1", "--burst", "0")["server"], self.server.url)

    def test_a_wrong_key_is_an_error(self):
        self.environment["TANGO_KEY"] = "another-key"
        done = self.bench(*SMALL, "--server", self.server.url, status=1)
        self.assertIn("does not take the key", done.stderr)
        self.assertNotIn("another-key", done.stdout + done.stderr)

    def test_no_server_is_an_error(self):
        done = self.bench(*SMALL, "--server", "http://127.0.0.1:1", status=1)
        self.assertIn("cannot reach a server", done.stderr)


if __name__ == "__main__":
    TANGO = os.path.abspath(sys.argv.pop(1))
    unittest.main()
