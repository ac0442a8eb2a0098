#!/usr/bin/env python3
"""What all routes of the wire have in common. Usage: conventions_test.py TANGO"""

import json
import re
import unittest

import service
from service import JSON, KEY, WireTest


class Routes(WireTest):
    def test_the_root_is_a_liveness_check(self):
        answer = self.service.ask("GET", "/")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.kind.startswith("text/"), answer.kind)
        self.assertEqual(answer.body, b"Hello, world! RESTful Tango here!\n")

    def test_an_answer_is_json_with_its_charset(self):
        answer = self.service.get("info", KEY)
        self.assertEqual((answer.status, answer.kind), (200, JSON))

    def test_a_wrong_key_opens_nothing(self):
        routes = (("GET", "open", "x", "lab"), ("POST", "upload", "x", "lab"),
                  ("POST", "addJob", "x", "lab"), ("GET", "poll", "x", "lab", "o"),
                  ("GET", "getPartialOutput", "x", "1"), ("GET", "info", "x"),
                  ("GET", "jobs", "x", "0"), ("GET", "pool", "x"), ("GET", "pool", "x", "host"),
                  ("POST", "build", "x"), ("POST", "prealloc", "x", "host", "1"),
                  ("POST", "cancel", "x", "1"))
        for number, (method, *segments) in enumerate(routes):
            with self.subTest(route=segments[0]):
                # Each from an address of its own: who guesses again waits longer.
                answer = self.service.ask(method, service.path_of(segments, True), b"",
                                          source=f"127.0.1.{number + 1}")
                self.told(answer, -1, "Key not recognized")
        with self.subTest("an empty one"):
            self.assertIn(self.service.ask("GET", "/info//").status, (200, 404))

    def test_no_key_is_logged(self):
        self.service.get("info", "a-guess-of-somebody")
        self.service.get("info", KEY)
        self.assertNotIn("a-guess", self.service.log())
        self.assertNotIn(KEY, self.service.log())

    def test_an_unknown_route_is_404_and_a_wrong_method_405(self):
        for path in ("/nope", "/nope/", f"/open/{KEY}/", f"/open/{KEY}/lab/more/", "/info"):
            self.assertEqual(self.service.ask("GET", path).status, 404, path)
        for method, path in (("POST", f"/open/{KEY}/lab/"), ("GET", f"/upload/{KEY}/lab/"),
                             ("PUT", f"/addJob/{KEY}/lab/"), ("DELETE", f"/jobs/{KEY}/0/"),
                             ("POST", "/")):
            self.assertEqual(self.service.ask(method, path).status, 405, path)

    def test_every_route_is_met_with_and_without_the_trailing_slash(self):
        self.service.open("slashes")
        for slash in (True, False):
            for segments in (("open", KEY, "slashes"), ("info", KEY), ("jobs", KEY, "0"),
                             ("jobs", KEY, "1"), ("pool", KEY), ("poll", KEY, "slashes", "none"),
                             ("getPartialOutput", KEY, "1")):
                answer = self.service.get(*segments, slash=slash)
                self.assertEqual(answer.status, 200, (segments, slash))
                self.assertIn("statusId", answer.json())

    def test_a_query_string_is_ignored(self):
        answer = self.service.ask("GET", f"/info/{KEY}/?a=b&c")
        self.told(answer, 0, "Found info successfully")

    def test_segments_are_decoded_after_they_are_cut(self):
        self.assertEqual(self.service.ask("GET", f"/open/{KEY}/caf%C3%A9%20%2B+x/").status, 200)
        self.told(self.service.open("café ++x"), 0, "Found directory")

    def test_what_is_not_utf_8_is_a_bad_request(self):
        self.assertEqual(self.service.ask("GET", f"/open/{KEY}/%ff%fe/").status, 400)
        self.assertEqual(self.service.ask("GET", f"/open/{KEY}/%zz/").status, 400)

    def test_a_name_is_one_component(self):
        for name in ("..", ".", "a/b", "../../etc", "/etc/passwd", "x" * 256):
            with self.subTest(name=name):
                lab = self.service.get("open", KEY, name)
                output = self.service.get("poll", KEY, "lab", name)
                added = self.service.post("addJob", KEY, name, body=json.dumps(service.job()))
                for answer in (lab, output, added):
                    self.told(answer, -1, re.compile("."))
        self.assertIn(self.service.ask("GET", f"/open/{KEY}/%00/").status, (200, 400))
        nothing = self.service.ask("GET", f"/open/{KEY}//")
        if nothing.status != 404:
            self.told(nothing, -1, re.compile("courselab"))

    def test_a_number_that_is_none_is_no_failure_of_the_service(self):
        for segments in (("jobs", KEY, "abc"), ("jobs", KEY, "2"), ("jobs", KEY, "-1"),
                         ("getPartialOutput", KEY, "x"), ("getPartialOutput", KEY, "9" * 40),
                         ("prealloc", KEY, "host", "x"), ("prealloc", KEY, "host", "-1"),
                         ("prealloc", KEY, "host", "9" * 40)):
            answer = self.service.get(*segments)
            self.assertEqual((answer.status, answer.json()["statusId"]), (200, -1), segments)


class Http(WireTest):
    def request(self, text, body=b""):
        return self.service.raw(text.replace("\n", "\r\n").encode() + body)

    def test_http_1_0(self):
        answer = self.request(f"GET /info/{KEY}/ HTTP/1.0\n\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.0 200 "), head)
        self.assertEqual(json.loads(body)["statusId"], 0)

    def test_keep_alive_and_requests_in_a_row(self):
        one = f"GET /info/{KEY}/ HTTP/1.1\nHost: x\n\n"
        answer = self.request(one * 5)
        self.assertEqual(answer.count(b"HTTP/1.1 200 "), 5)

    def test_head_where_get_exists(self):
        answer = self.service.ask("HEAD", f"/open/{KEY}/head-lab/")
        self.assertEqual((answer.status, answer.kind, answer.body), (200, JSON, b""))
        self.assertGreater(int(answer.headers["Content-Length"]), 0)
        self.assertEqual(self.service.ask("HEAD", "/").status, 200)
        self.assertEqual(self.service.ask("HEAD", f"/upload/{KEY}/x/").status, 405)

    def test_expect_100_continue(self):
        self.service.open("expect-lab")
        connection = self.service.connect()
        connection.putrequest("POST", f"/upload/{KEY}/expect-lab/")
        connection.putheader("Filename", "a")
        connection.putheader("Content-Length", "3")
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        interim = connection.sock.recv(1024)
        self.assertTrue(interim.startswith(b"HTTP/1.1 100 "), interim)
        connection.send(b"abc")
        self.assertEqual(json.loads(connection.getresponse().read())["statusMsg"], "Uploaded file")
        connection.close()

    def test_a_chunked_upload(self):
        self.service.open("chunked-lab")
        pieces = [b"x" * size for size in (1, 70_000, 300_000, 5)]
        answer = self.service.ask("POST", f"/upload/{KEY}/chunked-lab/", iter(pieces),
                                  {"Filename": "big"})
        self.told(answer, 0, "Uploaded file")
        again = self.service.upload("chunked-lab", "big", b"".join(pieces))
        self.told(again, 0, "File exists")

    def test_what_is_no_http_is_refused(self):
        for text in ("nonsense\n\n", "GET\n\n", f"GET /info/{KEY}/ HTTP/9.9\n\n",
                     "GET /" + "x" * 100_000 + " HTTP/1.1\n\n"):
            answer = self.request(text)
            self.assertRegex(answer[:13], rb"^(HTTP/1\.[01] 4\d\d|)")
        self.told(self.service.get("info", KEY), 0, "Found info successfully")


class Info(WireTest):
    def test_info_has_the_counters_that_clients_read(self):
        info = self.service.get("info", KEY).json()["info"]
        self.assertIsInstance(info.pop("elapsed_secs"), float)
        for name in ("job_requests", "job_retries", "waitvm_timeouts", "runjob_timeouts",
                     "copyin_errors", "runjob_errors", "copyout_errors", "num_threads"):
            self.assertIsInstance(info.pop(name), int, name)


if __name__ == "__main__":
    service.main()
