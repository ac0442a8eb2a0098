#!/usr/bin/env python3
"""`tango config` as an administrator meets it: check, show, import.

Usage: config_test.py TANGO SOURCES
"""

import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

TANGO = ""
SOURCES = pathlib.Path()
SITE = pathlib.Path("/etc/tango/tango.toml")


def config(*arguments):
    return subprocess.run([TANGO, "config", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)


class Config(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tango-config-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, text, name="tango.toml"):
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o600)
        return file

    def test_the_reference_is_ok_and_has_nothing_to_warn_of(self):
        reference = SOURCES / "packaging/tango.toml"
        checked = config("check", reference)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr),
                         (0, f"{reference}: ok\n", ""))

    @unittest.skipIf(SITE.exists(), "this machine has a configuration")
    def test_without_a_file_the_defaults_hold(self):
        checked = config("check")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(checked.stdout, f"{SITE}: it is not there: the defaults hold\n")

    def test_every_problem_is_a_line_with_file_line_and_key(self):
        file = self.write("[server]\nprot = 1\n[jobs]\nretries = 'x'\n")
        checked = config("check", file)
        self.assertEqual(checked.returncode, 1)
        self.assertEqual(checked.stdout, "")
        self.assertEqual(checked.stderr.splitlines(), [
            f"{file}, line 2: unknown key server.prot; did you mean server.port?",
            f"{file}, line 4: jobs.retries is to be a whole number from 0 to 100; "
            "this is a string"])

    def test_a_file_that_cannot_be_read_is_named(self):
        for file in (self.folder / "none", self.folder, "/dev/zero"):
            with self.subTest(file=file):
                checked = config("check", file)
                self.assertEqual(checked.returncode, 1)
                self.assertIn(str(file), checked.stderr)

    def test_warnings_leave_it_ok_and_no_key_is_printed(self):
        file = self.write('[server]\nhost = "0.0.0.0"\nkeys = ["hunter2"]\n')
        file.chmod(0o644)
        for verb in ("check", "show"):
            done = config(verb, file)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("hunter2", done.stdout + done.stderr)
        warnings = config("check", file).stderr
        for word in ("without TLS", "key 1 is weak", "every user of this machine can read"):
            self.assertIn(f"{file}: warning: ", warnings)
            self.assertIn(word, warnings)

    def test_docker_hosts_are_checked_and_shown_with_the_names_that_they_get(self):
        wrong = self.write('[vmms.localDocker]\naddress = "ssh://me:hunter2@host"\n'
                           '[vmms.distDocker]\nssh_key = "id_rsa"\n')
        checked = config("check", wrong)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("line 2: vmms.localDocker.address is to be where a Docker engine is reached",
                      checked.stderr)
        self.assertIn("line 4: vmms.distDocker.ssh_key is to be an absolute path", checked.stderr)
        self.assertNotIn("hunter2", checked.stderr)
        file = self.write('[vmms.distDocker]\nenabled = true\n[[vmms.distDocker.host]]\n'
                          'address = "tcp://grader-1.example.org"\n', "hosts.toml")
        checked = config("check", file)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("without TLS everybody", checked.stderr)
        shown = config("show", file)
        self.assertIn('name = "grader-1.example.org"', shown.stdout)
        again = config("show", self.write(shown.stdout, "again.toml"))
        self.assertEqual(again.stdout, shown.stdout)

    def test_a_secret_of_ec2_is_neither_shown_nor_told(self):
        file = self.write('[vmms.ec2SSH]\nenabled = true\naccess_key_id = "AKIAEXAMPLE"\n'
                          'secret_access_key = "hunter2"\n')
        file.chmod(0o644)
        checked = config("check", file)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("vmms.ec2SSH.secret_access_key: every user of this machine can read",
                      checked.stderr)
        shown = config("show", file)
        self.assertIn('secret_access_key = "***"', shown.stdout)
        self.assertNotIn("hunter2", checked.stdout + checked.stderr + shown.stdout + shown.stderr)
        wrong = self.write('[vmms.ec2SSH]\nsecret_access_key = ["hunter2"]\n', "wrong.toml")
        checked = config("check", wrong)
        self.assertEqual(checked.returncode, 1)
        self.assertNotIn("hunter2", checked.stderr)

    def test_what_is_shown_is_a_configuration(self):
        file = self.write('[server]\nkeys = ["hunter2"]\n[limits]\nmemory = "3GiB"\n')
        shown = config("show", file)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn('memory = "3GiB"', shown.stdout)
        self.assertIn('keys = ["***"]', shown.stdout)
        again = config("show", self.write(shown.stdout, "again.toml"))
        self.assertEqual(again.stdout, shown.stdout)

    def test_every_imported_file_passes_the_check(self):
        files = sorted((SOURCES / "tests/tango/python_config").glob("*.py"))
        self.assertGreaterEqual(len(files), 3)
        for file in files:
            with self.subTest(file=file.name):
                target = self.folder / (file.name + ".toml")
                done = config("import", file, "-o", target)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stderr, r"^tango: \d+ constants taken over, \d+ have no")
                self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o600)
                self.assertEqual(config("import", file).stdout, target.read_text())
                checked = config("check", target)
                self.assertEqual(checked.returncode, 0, checked.stderr)
                self.assertIn(f"{target}: ok", checked.stdout)

    def test_an_import_replaces_nothing_and_runs_nothing(self):
        target = self.write("mine")
        source = SOURCES / "tests/tango/python_config/docker.py"
        done = config("import", source, "-o", target)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"make {target}: File exists", done.stderr)
        self.assertEqual(target.read_text(), "mine")
        marker = self.folder / "marker"
        python = self.write(f"open({str(marker)!r}, 'w')\n"
                            f"class Config:\n    PORT = open({str(marker)!r}, 'w') and 1\n", "c.py")
        self.assertEqual(config("import", python).returncode, 0)
        self.assertFalse(marker.exists())

    def test_what_is_no_python_tangos_is_refused(self):
        for content in ("", "PORT = 1\n", "\0\n"):
            python = self.write(content, "c.py")
            done = config("import", python)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"tango: {python}: there is no `class Config`", done.stderr)

    def test_an_output_that_cannot_be_written_is_an_error(self):
        source = SOURCES / "tests/tango/python_config/docker.py"
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([TANGO, "config", "import", source], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left on device", done.stderr)

    def test_a_key_file_need_not_be_open_to_who_only_wants_the_limits(self):
        job = self.folder / "job"
        job.mkdir()
        (job / "Makefile").write_text("all:\n\t@echo hi\n")
        file = self.write('[server]\nkey_file = "/nonexistent/keys"\n[limits.max]\ntimeout = 5\n')
        run = subprocess.run([TANGO, "run", "--config", file, "--timeout", "9", job],
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("timeout: 9000 ms is asked for", run.stderr)
        self.assertEqual(config("check", file).returncode, 1)


if __name__ == "__main__":
    TANGO, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])
    os.umask(0o022)
    unittest.main(argv=sys.argv[:1])
