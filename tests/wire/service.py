"""`tango serve` as a test uses it, and requests as Tango's clients send them."""

import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from urllib.parse import quote

KEY = "a-key-of-the-wire-tests"
# The same tests run on other VMMSs: which image jobs name ("host" is what the sandbox makes of the
# machine's own tree), on which VMMS, and what the configuration has at its head for that.
IMAGE = os.environ.get("TANGO_WIRE_IMAGE", "host")
VMMS = os.environ.get("TANGO_WIRE_VMMS", "sandbox")
CONFIG = os.environ.get("TANGO_WIRE_CONFIG", "")
SKIPPED = 77
JSON = "application/json; charset=UTF-8"
BYTES = "application/octet-stream"

TANGO = ""


def main():
    """Runs the tests of the file that was started: FILE TANGO [TEST ...]"""
    global TANGO
    TANGO = sys.argv.pop(1)
    try:
        with Service():
            pass
    except CannotRun as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    unittest.main(module="__main__", verbosity=2)


class CannotRun(Exception):
    """This machine has no sandbox."""


class Answer:
    """One answer of the service."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.kind = response.headers["Content-Type"]
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        """statusMsg; its statusId is the sign of what happened."""
        return self.json()["statusMsg"]


class Service:
    """One service on a data folder of its own; `with Service() as service` stops it at the end."""

    def __init__(self, config="", options=(), environment=None, open_files=None):
        self.folder = tempfile.TemporaryDirectory(prefix="tango-wire-")
        self.path = pathlib.Path(self.folder.name)
        (self.path / "tango.toml").write_text(CONFIG + config)
        self.options = list(options)
        self.environment = environment  # None: this process's own
        self.open_files = open_files  # how many it may have; None: as many as this process
        self.port = 0
        self.process = None
        self.start()

    def start(self):
        with open(self.path / "log", "ab") as log:
            self.process = subprocess.Popen(
                [TANGO, "serve", "--data-dir", str(self.path / "data"), "--port", str(self.port),
                 "--config", str(self.path / "tango.toml"), "--key", KEY, *self.options],
                stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment,
                preexec_fn=self.open_files and self.limit)
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            self.process.wait(30)
            said = (self.path / "log").read_text()
            if "sandbox" in said:
                raise CannotRun(said)
            raise RuntimeError(f"tango serve did not start: {said}")
        self.port = int(line.rstrip("/\n").rpartition(":")[2])

    def limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))

    def stop(self):
        """In order; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def log(self):
        return (self.path / "log").read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def memory_kib(self, field="VmRSS"):
        """Of the process (proc(5)): VmRSS, what it has in memory now; VmHWM, the most so far."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise AssertionError(f"no {field}")

    # ---- requests

    def connect(self, source="127.0.0.1"):
        """`source` is the address that the service sees."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60,
                                          source_address=(source, 0))

    def ask(self, method, path, body=None, headers=None, source="127.0.0.1"):
        connection = self.connect(source)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def raw(self, request):
        """Sends bytes as they are, and gives all that comes until the service closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            pieces = []
            while piece := connection.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def get(self, *segments, slash=True, **options):
        return self.ask("GET", path_of(segments, slash), **options)

    def post(self, *segments, slash=True, **options):
        return self.ask("POST", path_of(segments, slash), **options)

    # ---- what clients do

    def open(self, lab):
        return self.get("open", KEY, lab)

    def upload(self, lab, name, content):
        """As Autolab does, with a content type that is not true."""
        if isinstance(content, str):
            content = content.encode()
        return self.post("upload", KEY, lab, body=content,
                         headers={"Filename": name.encode(),
                                  "Content-Type": "application/x-www-form-urlencoded"})

    def add(self, lab, **fields):
        return self.post("addJob", KEY, lab, body=json.dumps(job(**fields)),
                         headers={"Content-Type": "application/x-www-form-urlencoded"})

    def run(self, lab, recipe, output, **fields):
        """A job with a Makefile of that recipe, to its end: its id and its output file's bytes."""
        self.open(lab)
        self.upload(lab, f"{output}.mk", f"all:\n\t{recipe}\n")
        fields.setdefault("files", [{"localFile": f"{output}.mk", "destFile": "Makefile"}])
        added = self.add(lab, output_file=output, **fields).json()
        if added["statusId"] != 0:
            raise AssertionError(added)
        return int(added["jobId"]), self.wait_output(lab, output)

    def poll(self, lab, output):
        return self.get("poll", KEY, lab, output)

    def wait_output(self, lab, output, patience=60):
        """Polls until the output is there."""
        answer = self.wait_for(lambda: (a := self.poll(lab, output)).kind == BYTES and a, patience)
        return answer.body

    def jobs(self, dead):
        return self.get("jobs", KEY, str(int(dead))).json()["jobs"]

    def job(self, id, dead):
        """The JOB of that id, or None."""
        return next((each for each in self.jobs(dead) if each["id"] == int(id)), None)

    def wait_for(self, what, patience=60):
        """Asks until `what()` is something, and gives it."""
        deadline = time.monotonic() + patience
        while not (found := what()):
            if time.monotonic() > deadline:
                raise AssertionError("it did not come to that")
            time.sleep(0.02)
        return found


def path_of(segments, slash):
    return "/" + "/".join(quote(each, safe="") for each in segments) + ("/" if slash else "")


def job(**fields):
    """addJob's body, as Autolab writes it."""
    return {"image": IMAGE, "jobName": "job", "timeout": 20, "callback_url": "",
            "output_file": "out", "files": [{"localFile": "Makefile", "destFile": "Makefile"}],
            **fields}


class Receiver(http.server.ThreadingHTTPServer):
    """Takes callbacks; `status` is what it answers next, each once, and then 200."""

    def __init__(self, statuses=()):
        self.received = queue.Queue()
        self.statuses = list(statuses)
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                expected = int(self.headers["Content-Length"])
                body = self.rfile.read(expected)
                if len(body) < expected:  # its sender was killed
                    return
                owner.received.put((time.time(), self.path, self.headers, body))
                self.send_response(owner.statuses.pop(0) if owner.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class WireTest(unittest.TestCase):
    """Tests that share one service."""

    CONFIG = ""
    service = None

    @classmethod
    def setUpClass(cls):
        cls.service = Service(cls.CONFIG)

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__()

    def told(self, answer, status_id, message):
        """The answer is JSON with HTTP 200, and says this."""
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.kind.startswith("application/json"), answer.kind)
        found = answer.json()
        self.assertEqual(found["statusId"], status_id, found)
        if isinstance(message, re.Pattern):
            self.assertRegex(found["statusMsg"], message)
        else:
            self.assertEqual(found["statusMsg"], message)
        return found
