#!/usr/bin/env python3
"""Connections that are made to be held, and requests that are not what they say.
Usage: client_connections_test.py TANGO"""

import contextlib
import resource
import socket
import time

import clients
from clients import LAB
import service
from service import KEY

CONFIG = """
[server]
header_timeout = "1s"
idle_timeout = "1s"
body_timeout = "1s"
write_timeout = "1s"
connections_max = 300
connections_per_client_max = 100
"""
HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST


class Connections(clients.Attacked):
    CONFIG = CONFIG

    def setUp(self):
        super().setUp()
        self.honest()
        self.service.wait_for(lambda: len(self.held()) == 0)
        self.before = self.descriptors()

    def tearDown(self):
        # Whatever was held is let go of by itself.
        self.service.wait_for(lambda: self.descriptors() <= self.before + 8, 30)
        super().tearDown()

    def held(self):
        """The service's established connections."""
        port = f":{self.service.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            return [line for line in table if line.split()[1].endswith(port)
                    and line.split()[3] == "01"]

    def connection(self, source="127.0.0.1"):
        connection = socket.socket()
        connection.settimeout(30)
        connection.bind((source, 0))
        connection.connect(("127.0.0.1", self.service.port))
        self.addCleanup(connection.close)
        return connection

    def closes(self, connection, patience=20):
        """The service ends it, whatever it says before."""
        connection.settimeout(patience)
        try:
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass

    def test_heads_that_never_end(self):
        silent = [self.connection("127.0.2.1") for _ in range(20)]
        begun = [self.connection("127.0.2.1") for _ in range(20)]
        for connection in begun:
            connection.sendall(b"GET / HT")
        self.honest()
        for connection in silent + begun:
            self.closes(connection)

    def test_a_head_that_drips(self):
        slow = self.connection("127.0.2.1")
        began = time.monotonic()
        try:
            for byte in GET + b"X: " + b"y" * 100:
                slow.sendall(bytes([byte]))
                time.sleep(0.05)
                if time.monotonic() - began > 20:
                    self.fail("a head may take for ever")
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.closes(slow)

    def test_bodies_that_never_end(self):
        held = [self.connection("127.0.2.1") for _ in range(30)]
        for connection in held:
            connection.sendall(b"POST /upload/%s/%s/ HTTP/1.1\r\n%sFilename: never\r\n"
                               b"Content-Length: 1000000\r\n\r\nbegin" % (
                                   KEY.encode(), LAB.encode(), HOST))
        self.honest()
        for connection in held:
            self.closes(connection)
        self.assertEqual(list((self.service.path / "data" / "incoming").iterdir()), [])

    def test_bodies_that_drip(self):
        held = [self.connection("127.0.2.1") for _ in range(30)]
        for connection in held:
            connection.sendall(b"POST /upload/%s/%s/ HTTP/1.1\r\n%sFilename: slow\r\n"
                               b"Content-Length: 30\r\n\r\n" % (KEY.encode(), LAB.encode(), HOST))
        for _ in range(30):  # beyond the timeout, which is of no progress
            for connection in held:
                connection.sendall(b"x")
            time.sleep(0.1)
            self.honest()
        for connection in held:
            self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200"))
            self.closes(connection)

    def test_answers_that_nobody_reads(self):
        _, output = self.service.run(LAB, "@head -c 900000 /dev/zero | tr '\\\\0' x", "large")
        self.assertGreater(len(output), 900_000)
        held = [self.connection("127.0.2.1") for _ in range(30)]
        for connection in held:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for _ in range(20):
                connection.sendall(b"GET /poll/%s/%s/large/ HTTP/1.1\r\n%s\r\n" % (
                    KEY.encode(), LAB.encode(), HOST))
        before = self.memory()
        self.honest()
        self.service.wait_for(lambda: self.descriptors() <= self.before + 8, 30)
        self.grown_less(self.memory() - before, 64)

    def test_more_connections_than_there_may_be(self):
        most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(
            resource.RLIMIT_NOFILE)[1]))
        held = []
        for number in range(min(1500, most - 100)):
            connection = socket.socket()
            connection.bind((f"127.0.4.{number % 200 + 1}", 0))
            connection.settimeout(5)
            try:
                connection.connect(("127.0.0.1", self.service.port))
            except OSError:
                connection.close()
                break
            held.append(connection)
        # Its own, and at most 64 that are being turned away; the kernel holds the others for it.
        self.assertLessEqual(self.descriptors() - self.before, 300 + 64 + 8)
        self.service.wait_for(lambda: len(self.held()) < 250, 30)
        self.honest()
        for connection in held:
            connection.close()

    def test_one_client_leaves_room_for_others(self):
        held = [self.connection("127.0.2.9") for _ in range(100)]
        for connection in held:
            connection.sendall(b"GET")
        one_more = self.connection("127.0.2.9")
        self.closes(one_more)
        self.honest()

    def test_requests_that_are_two_things_at_once(self):
        key, lab = KEY.encode(), LAB.encode()
        post = b"POST /upload/%s/%s/ HTTP/1.1\r\n%sFilename: smuggled\r\n" % (key, lab, HOST)
        chunk = b"5\r\nhello\r\n0\r\n\r\n"
        hidden = b"GET /open/%s/smuggled/ HTTP/1.1\r\n%s\r\n" % (key, HOST)
        for name, rest in {
                "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     + chunk,
                "two lengths": b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
                "a list of lengths": b"Content-Length: 5, 50\r\n\r\nhello",
                "a signed length": b"Content-Length: +5\r\n\r\nhello",
                "a negative length": b"Content-Length: -5\r\n\r\nhello",
                "a large length": b"Content-Length: 99999999999999999999\r\n\r\nhello",
                "chunks by another name": b"Transfer-Encoding: xchunked\r\n\r\n" + chunk,
                "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunk,
                "a space before the colon": b"Content-Length : 5\r\n\r\nhello",
                "a folded line": b"Content-Length: 5\r\n X: y\r\n\r\nhello",
                "a chunk's size that is none": b"Transfer-Encoding: chunked\r\n\r\n"
                                               b"fffffffffffffffff\r\nhello",
                "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello",
        }.items():
            with self.subTest(request=name):
                answer = self.service.raw(post + rest + hidden)
                # Refused by the server, or as an upload that was broken off; once.
                self.assertRegex(answer, rb"^HTTP/1\.1 4\d\d|^$|\"statusId\": ?-1")
                self.assertLessEqual(answer.count(b"HTTP/1.1"), 1)
                self.assertNotIn("smuggled", self.service.open(LAB).json()["files"])

    def test_what_is_no_request(self):
        for name, bytes_sent in {
                "nothing": b"", "zeros": b"\0" * 100_000, "TLS": b"\x16\x03\x01\x02\x00\x01" * 100,
                "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "a long line": b"GET /" + b"a" * 10**6,
                "many lines": GET + b"X: y\r\n" * 100_000,
                "an old version": b"GET / HTTP/0.9\r\n\r\n",
                "a new version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
                "no host": b"GET / HTTP/1.1\r\n\r\n",
                "bare line ends": b"GET / HTTP/1.1\nHost: x\n\n",
                "a method of its own": b"\xff\xff / HTTP/1.1\r\n" + HOST + b"\r\n",
                "a name of its own": GET + b"\0: x\r\n\r\n",
                "another's address": b"GET http://169.254.169.254/ HTTP/1.1\r\n" + HOST
                                     + b"\r\n",
                "a tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + b"\r\n",
        }.items():
            with self.subTest(request=name):
                try:
                    answer = self.service.raw(bytes_sent)
                except (BrokenPipeError, ConnectionResetError):
                    continue  # it was closed before it was through
                self.assertNotRegex(answer[:13], rb"^HTTP/1\.1 5(?!05)\d\d")

    def test_many_requests_at_once_are_answered_in_order(self):
        answers = self.service.raw((GET + b"\r\n") * 2000)
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 2000)


class Descriptors(clients.Attacked):
    """A service that has few descriptors, all of which are taken."""

    CONFIG = '[server]\nheader_timeout = "5s"\nidle_timeout = "5s"\n'

    def test_no_descriptor_left(self):
        if self.sanitized():
            self.skipTest("the sanitizer's own checks need descriptors")
        self.honest()
        few = self.descriptors() + 40
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (few, few))
        held = []
        for number in range(100):
            connection = socket.socket()
            connection.settimeout(5)
            connection.bind((f"127.0.5.{number + 1}", 0))
            try:
                connection.connect(("127.0.0.1", self.service.port))
                connection.sendall(b"GET")
            except OSError:
                pass
            held.append(connection)
        self.service.wait_for(lambda: self.descriptors() >= few - 4)
        spent = self.processor_seconds()
        time.sleep(2)
        # It waits for a descriptor, and does not ask for one without end.
        self.assertLess(self.processor_seconds() - spent, 1)
        for connection in held:
            connection.close()
        self.honest()

    def processor_seconds(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as counters:
            return int(counters.read().split()[0]) / 1e9


class FewDescriptors(clients.Attacked):
    """A service that may open few files: clients cannot take those that jobs need."""

    @classmethod
    def setUpClass(cls):
        cls.service = service.Service('[server]\nheader_timeout = "1m"\n', open_files=256)

    def test_connections_leave_what_jobs_need(self):
        self.service.open(LAB)
        self.service.upload(LAB, "slow.mk", "all:\n\t@sleep 1; yes | head -c 900000; echo done\n")
        for number in range(8):
            added = self.service.add(LAB, jobName=f"slow{number}", output_file=f"slow{number}",
                                     files=[{"localFile": "slow.mk", "destFile": "Makefile"}])
            self.assertEqual(added.json()["statusId"], 0)
        with contextlib.ExitStack() as strangers:
            honest = strangers.enter_context(contextlib.closing(self.service.connect()))
            self.ended(honest)  # is connected before them
            for number in range(300):
                stranger = strangers.enter_context(socket.socket())
                stranger.bind((f"127.0.6.{number % 200 + 1}", 0))
                stranger.settimeout(5)
                with contextlib.suppress(ConnectionError):  # when it is turned away
                    stranger.connect(("127.0.0.1", self.service.port))
                    stranger.sendall(b"GET")
            self.service.wait_for(lambda: self.ended(honest) == 8)
            self.measured = f"{self.descriptors()} of 256 open"
        for number in range(8):
            output = self.service.wait_output(LAB, f"slow{number}")
            self.assertIn(b"Success: Autodriver returned normally", output)
            self.assertTrue(output.endswith(b"\ny\ndone\n"), output[:300])

    def ended(self, connection):
        connection.request("GET", f"/jobs/{KEY}/1/")
        return len(service.Answer(connection.getresponse()).json()["jobs"])


if __name__ == "__main__":
    service.main()
