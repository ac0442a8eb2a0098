#!/usr/bin/env python3
"""`tango-cli`, flag by flag, against a real server.

Usage: cli_test.py TANGO TANGO_CLI
"""

import hashlib
import http.server
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

import tango_server
from tango_server import KEY, JobFolder, until

TANGO = TANGO_CLI = ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Told(http.server.ThreadingHTTPServer):
    """Takes callbacks."""

    def __init__(self):
        told = self.told = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append((self.headers["Filename"], body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/told"


def docker_archive(layer_files):
    """What `docker save` writes of an image with one layer."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for name, content in layer_files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers",
        "diff_ids": ["sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]}}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["small:latest"],
                            "Layers": ["layer.tar"]}]).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in (("config.json", config), ("layer.tar", layer.getvalue()),
                              ("manifest.json", manifest)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return archive.getvalue()


class Flags(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = tango_server.Server(TANGO)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def cli(self, *arguments, status=0):
        done = tango_server.run(TANGO_CLI, "-s", "127.0.0.1", "-P", self.server.port, "-k", KEY,
                                *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        return done

    def answer(self, *arguments, status=0):
        """The JSON that stands behind the line that says what was sent."""
        sent, text = self.cli(*arguments, status=status).stdout.split("\n", 1)
        self.assertRegex(sent, rf"^Sent request to 127\.0\.0\.1:{self.server.port}/\w+/\*\*\*/")
        return json.loads(text)

    def add(self, lab, recipe, *arguments, name="Makefile"):
        """Opens the lab, uploads a Makefile with that recipe and adds its job: the job's id."""
        self.answer("--open", "-l", lab)
        with JobFolder(recipe, name) as folder:
            self.answer("--upload", "-l", lab, "--filename", pathlib.Path(folder) / name)
        added = self.answer("-a", "-l", lab, "--image", "host", "--infiles",
                            json.dumps({"localFile": name, "destFile": "Makefile"}), *arguments)
        self.assertEqual(added["statusMsg"], "Job added")
        return int(added["jobId"])

    def polled(self, lab, output):
        def poll():
            done = tango_server.run(TANGO_CLI, "-P", self.server.port, "-k", KEY, "-p", "-l", lab,
                                    "--outputFile", output)
            return done.stdout if done.returncode == 0 else None

        return until(poll, "the output").split("\n", 1)[1]

    def job(self, number):
        def find():
            for dead in "01":
                for job in self.answer("--jobs", "--deadJobs", dead)["jobs"]:
                    if job["id"] == number:
                        return job
            return None

        return until(find, "the job in the lists")

    def test_open_makes_a_lab_once(self):
        self.assertEqual(self.answer("-o", "-l", "lab one")["statusMsg"], "Created directory")
        self.assertEqual(self.answer("--open", "--courselab", "lab one")["statusMsg"],
                         "Found directory")

    def test_upload_tells_a_new_file_from_an_old_one(self):
        self.answer("--open", "-l", "uploads")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "grüße 1.txt"
            path.write_bytes(os.urandom(300_000))
            first = self.answer("-u", "-l", "uploads", "--filename", path)
            again = self.answer("--upload", "-l", "uploads", "--filename", path)
            md5 = hashlib.md5(path.read_bytes()).hexdigest()
        self.assertEqual((first["statusMsg"], again["statusMsg"]), ("Uploaded file", "File exists"))
        self.assertEqual(self.answer("--open", "-l", "uploads")["files"], {"grüße 1.txt": md5})

    def test_a_job_goes_from_its_files_to_its_output(self):
        self.add("work", "@echo hello; exit 3", "--outputFile", "hello.out", "--jobname", "greet")
        output = self.polled("work", "hello.out")
        self.assertRegex(output, r"^Autograder \[.{24}\]: Received job greet:\d+\n")
        self.assertIn("\nAutodriver: Job exited with status 2\nhello\n", output)

    def test_a_file_has_its_name_from_destFile(self):
        self.add("names", "@cat Makefile | head -1", name="autograde-Makefile")
        self.assertIn("\nall:\n", self.polled("names", "result.out"))

    def test_timeout_and_maxsize_bound_the_job(self):
        self.add("bounds", "@sleep 100", "--timeout", "1", "--outputFile", "slow")
        self.assertIn("Autodriver: Job timed out after 1 seconds", self.polled("bounds", "slow"))
        self.add("bounds", "@head -c 100000 /dev/zero", "--maxsize", "2", "--outputFile", "long",
                 name="Makefile.long")
        output = self.polled("bounds", "long")
        self.assertIn("...[excess bytes elided]...", output)
        self.assertLess(len(output), 3000)

    def test_notifyURL_is_called_with_the_output(self):
        told = Told()
        self.add("told", "@echo for you", "--notifyURL", told.url, "--outputFile", "told.out")
        until(lambda: told.told, "the callback")
        self.assertEqual(told.told[0][0], "told.out")
        self.assertIn(b"\nfor you\n", told.told[0][1])
        told.shutdown()
        told.server_close()

    def test_the_aws_key_is_not_shown(self):
        self.answer("--open", "-l", "aws")
        infile = '{"localFile": "m", "destFile": "Makefile"}'
        done = self.cli("-a", "-l", "aws", "--infiles", infile, "--accessKeyId", "ID",
                        "--accessKey", "SECRET", "--disableNetwork", status=1)
        self.assertIn('"accessKeyId":"ID"', done.stdout)
        self.assertIn('"disable_network":true', done.stdout)
        self.assertNotIn("SECRET", done.stdout + done.stderr)

    def test_a_job_that_does_not_pass_is_a_failure_with_all_its_reasons(self):
        self.answer("--open", "-l", "wrong")
        with JobFolder("@true") as folder:
            self.answer("--upload", "-l", "wrong", "--filename", f"{folder}/Makefile")
        done = self.cli("-a", "-l", "wrong", "--image", "nope", "--infiles",
                        '{"localFile": "Makefile", "destFile": "x"}', status=1)
        self.assertIn("Image not found: nope", done.stderr)
        self.assertIn("Missing Makefile in input files.", done.stderr)

    def test_poll_of_what_is_not_there_is_a_failure(self):
        self.answer("--open", "-l", "empty")
        self.assertEqual(self.answer("--poll", "-l", "empty", status=1)["statusMsg"],
                         "Output file not found")

    def test_getPartialOutput_shows_a_running_job(self):
        number = self.add("live", "@echo begun; sleep 1000", "--outputFile", "live.out",
                          "--timeout", "900")

        def partial():
            done = tango_server.run(TANGO_CLI, "-P", self.server.port, "-k", KEY,
                                    "--getPartialOutput", "--jobid", number)
            return done.returncode == 0 and "begun" in done.stdout

        until(partial, "its output")
        self.assertEqual(self.job(number)["name"], "test_job")
        cancelled = tango_server.run(TANGO, "cancel", number, env=tango_server.environment(
            TANGO_KEY=KEY, TANGO_SERVER=self.server.url))
        self.assertEqual(cancelled.returncode, 0, cancelled.stderr)
        self.cli("--getPartialOutput", "--jobid", number, status=1)

    def test_info_counts(self):
        self.assertIn("job_requests", self.answer("-i")["info"])

    def test_jobs_lists_the_living_and_the_dead(self):
        number = self.add("lists", "@true", "--jobname", "listed")
        self.polled("lists", "result.out")
        self.assertNotIn(number, [job["id"] for job in self.answer("-j")["jobs"]])
        dead = [job["name"] for job in self.answer("-j", "--deadJobs", "1")["jobs"]
                if job["id"] == number]
        self.assertEqual(dead, ["listed"])

    def test_prealloc_makes_a_pool_that_pool_shows(self):
        self.answer("--prealloc", "--image", "host", "--num", "1", "--cores", "1", "--memory",
                    "64", "--vmms", "localDocker")
        for arguments in (("--pool", "--image", "host"), ("--pool",)):
            until(lambda a=arguments: self.answer(*a)["pools"]["host"]["free"], "a VM")
        self.answer("--prealloc", "--image", "host", "--num", "0")
        self.assertEqual(self.answer("--pool", "--image", "nope", status=1)["statusMsg"],
                         "Pool not found")
        self.answer("--prealloc", status=1)

    def test_build_takes_what_docker_save_wrote(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "image.tar"
            path.write_bytes(docker_archive({"bin/sh": b"#!", "usr/bin/make": b"#!"}))
            built = self.answer("--build", "--filename", path, "--imageName", "small")
            self.assertEqual(built["statusMsg"], "Docker image built")
            path.write_bytes(b"junk" * 1000)
            self.answer("--build", "--filename", path, "--imageName", "junk", status=1)

    def test_runJob_uploads_a_folder_and_submits_it_as_often_as_asked(self):
        with JobFolder("@cat data; ls", "autograde-Makefile") as folder:
            path = pathlib.Path(folder)
            (path / "data").write_text("the data\n")
            (path / "Makefile").write_text("all:\n\t@false\n")
            (path / "my-handin.tgz").write_text("")
            (path / "folder").mkdir()
            done = self.cli("--runJob", folder, "-l", "runs", "--numJobs", "2", "--image", "host",
                            "--jobname", "many", "--outputFile", "out")
        self.assertEqual(done.stdout.count('"statusMsg":"Job added"'), 2)
        for number in "12":
            output = self.polled("runs", f"out-{number}")
            self.assertIn(f"Received job many-{number}:", output)
            self.assertIn("\nthe data\nMakefile\ndata\nhandin.tgz\n", output)

    def test_runJob_ends_at_the_first_failure(self):
        with JobFolder("@true") as folder:
            done = self.cli("--runJob", folder, "-l", "no image", "--numJobs", "9", "--image",
                            "nope", status=1)
            self.assertEqual(done.stdout.count("STARTING JOB"), 1)
            pathlib.Path(folder, "Makefile").unlink()
            self.assertIn("no Makefile",
                          self.cli("--runJob", folder, "-l", "runs", status=1).stderr)
        self.cli("--runJob", "/nonexistent", "-l", "runs", status=1)

    def test_what_a_verb_needs_is_asked_for(self):
        for arguments, word in (
                (("--open",), "-l"), (("--upload", "-l", "x"), "--filename"),
                (("--addJob", "-l", "x"), "--infiles"), (("--poll",), "-l"),
                (("--getPartialOutput",), "--jobid"), (("--build",), "--filename"),
                (("--build", "--filename", "x"), "--imageName"), (("--runJob", "."), "-l"),
                (("--addJob", "-l", "x", "--infiles", "x"), "--infiles"),
                (("--addJob", "-l", "x", "--infiles", '{"localFile": 1}'), "--infiles"),
                (("--jobs", "--deadJobs", "2"), "--deadJobs"), ((), "--open")):
            with self.subTest(arguments=arguments):
                self.assertIn(word, self.cli(*arguments, status=64).stderr)

    def test_a_file_that_cannot_be_read_is_named(self):
        for path in ("/nonexistent", "/tmp"):
            done = self.cli("--upload", "-l", "x", "--filename", path, status=1)
            self.assertRegex(done.stderr, rf"^tango-cli: .*{path}")

    def test_a_wrong_key_and_no_key(self):
        for key, status in (("wrong", 1), ("", 64)):
            done = tango_server.run(TANGO_CLI, "-P", self.server.port, "-i",
                                    env=tango_server.environment(TANGO_KEY=key))
            self.assertEqual(done.returncode, status)
            self.assertRegex(done.stderr, "^tango-cli: .*[kK]ey")

    def test_the_key_comes_from_the_environment_too(self):
        done = tango_server.run(TANGO_CLI, "-P", self.server.port, "-i",
                                env=tango_server.environment(TANGO_KEY=KEY))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_server_is_said(self):
        done = tango_server.run(TANGO_CLI, "-P", free_port(), "-k", KEY, "-i")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^tango-cli: Tango not reachable on localhost:\d+! \(.+\)\n")


class Tls(unittest.TestCase):
    def test_ssl_wants_a_certificate_that_it_can_verify(self):
        with tempfile.TemporaryDirectory() as folder:
            cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                            "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
                           check=True, capture_output=True)
            server = tango_server.Server(TANGO, "--tls-cert", cert, "--tls-key", key)
            try:
                ask = ["-P", server.port, "-k", KEY, "-i"]
                good = tango_server.run(TANGO_CLI, "-S", "--ca", cert, *ask)
                self.assertEqual(good.returncode, 0, good.stderr)
                for wrong in (["-S"], ["-S", "--ca", cert, "-s", "127.0.0.1"], []):
                    refused = tango_server.run(TANGO_CLI, *wrong, *ask)
                    self.assertEqual(refused.returncode, 1)
                    self.assertIn("not reachable", refused.stderr)
            finally:
                server.stop()


if __name__ == "__main__":
    TANGO, TANGO_CLI = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
