#!/usr/bin/env python3
"""What the command lines make of servers that answer with anything at all.

Usage: hostile_server_test.py TANGO TANGO_CLI
"""

import http.server
import json
import pathlib
import sys
import threading
import unittest

import tango_server
from tango_server import JobFolder, environment

TANGO = TANGO_CLI = ""
VERBS = (["status"], ["status", "1"], ["output", "1"], ["cancel", "1"], ["jobs"], ["pools"],
         ["pools", "--set", "host=1"], ["callbacks", "list"], ["callbacks", "resend", "1"])
EVIL = "x\x1b]0;owned\x07\r\n\u009b2J\u202ey"


class Scripted(http.server.ThreadingHTTPServer):
    """Answers with what `script` (method and path -> status, headers, body) says."""

    def __init__(self, script):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append((self.command, self.path, body))
                status, headers, content = script(self.command, self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that has gone is no news."""

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def always(status, body, **headers):
    return lambda method, path: (status, headers, body)


def as_json(value):
    return json.dumps(value).encode()


class WithScript(unittest.TestCase):
    def tango(self, server, *arguments):
        done = tango_server.run(TANGO, *arguments, env=environment(
            TANGO_KEY="secret-of-ours", TANGO_SERVER=f"http://127.0.0.1:{server.server_port}"))
        self.assertGreaterEqual(done.returncode, 0, f"{arguments} died of a signal")
        self.assertNotIn("secret-of-ours", done.stdout + done.stderr)
        return done

    def cli(self, server, *arguments):
        done = tango_server.run(TANGO_CLI, "-P", server.server_port, "-k", "secret-of-ours",
                                *arguments)
        self.assertGreaterEqual(done.returncode, 0, f"{arguments} died of a signal")
        return done


class Hostile(WithScript):
    def test_garbage_is_one_sentence_and_a_failure(self):
        for status, body in ((200, b""), (200, b"<html>"), (200, b"[1]"), (200, b"\xff\xfe\x00"),
                             (200, b"[" * 100_000), (404, b"nothing"), (500, b"{}"),
                             (302, b""), (200, b'{"id": 1')):
            with Scripted(always(status, body)) as server:
                for verb in VERBS:
                    with self.subTest(status=status, body=body[:20], verb=verb):
                        done = self.tango(server, *verb)
                        self.assertEqual(done.returncode, 1, done.stdout)
                        self.assertRegex(done.stderr, r"^tango: [^\n]+\n$")

    def test_json_of_other_types_is_shown_as_far_as_it_goes(self):
        odd = {name: value for name in (
            "id", "name", "state", "jobs", "vmms", "pools", "callbacks", "times", "usage", "next",
            "limits", "trace", "files", "info", "counters", "verdict") for value in [[{}, 1, None]]}
        for body in ({}, odd, dict.fromkeys(odd, 1e300), dict.fromkeys(odd, -1),
                     dict.fromkeys(odd, {"added": "9999999-99-99T99:99:99Z", "wall_seconds": -1e9,
                                         "timeout_seconds": 1e308}),
                     {"jobs": [odd, 7, {"id": 1 << 70, "times": {"added": EVIL}}], "next": 1}):
            with Scripted(always(200, as_json(body))) as server:
                for verb in VERBS:
                    with self.subTest(body=str(body)[:60], verb=verb):
                        self.tango(server, *verb)
                        self.tango(server, *verb, "--json")

    def test_control_characters_never_come_through(self):
        job = {"id": 1, "name": EVIL, "state": "ended", "verdict": "failed", "verdict_text": EVIL,
               "courselab": EVIL, "image": EVIL, "vmms": EVIL, "vm": EVIL, "output_file": EVIL,
               "callback_url": EVIL, "trace": [EVIL], "files": [{"name": EVIL}]}
        everything = {**job, "jobs": [job], "version": EVIL, "next": None,
                      "vmms": [{"name": EVIL, "paused": True, "reason": EVIL}],
                      "pools": [{"image": EVIL, "vmms": EVIL}],
                      "callbacks": [{"job_id": 1, "url": EVIL, "last_error": EVIL}]}
        for status, body in ((200, everything), (409, {"detail": EVIL}), (404, {"detail": EVIL})):
            headers = {"Tango-Output": "final"}
            with Scripted(always(status, as_json(body), **headers)) as server:
                for verb in VERBS:
                    if verb[0] == "output" and status == 200:
                        continue
                    done = self.tango(server, *verb)
                    for character in "\x1b\x07\r\u009b\u202e":
                        self.assertNotIn(character, done.stdout + done.stderr, (verb, status))

    def test_an_answer_without_end_is_cut_off(self):
        class Endless(bytes):
            def __len__(self):
                return 1 << 40

        with Scripted(always(200, Endless(b"x" * (1 << 20)))) as server:
            done = self.tango(server, "jobs")
            self.assertEqual(done.returncode, 1)
            self.assertIn("too large", done.stderr)

    def test_a_page_that_leads_to_itself_ends(self):
        page = {"jobs": [{"id": 5}], "next": 5}
        with Scripted(always(200, as_json(page))) as server:
            self.assertEqual(self.tango(server, "jobs").returncode, 0)
            self.assertLess(len(server.seen), 4)

    def test_an_output_that_does_not_say_what_it_is_is_refused(self):
        for headers in ({}, {"Tango-Output": "x"}):
            with Scripted(always(200, b"bytes", **headers)) as server:
                self.assertEqual(self.tango(server, "output", "1").returncode, 1)

    def test_tango_cli_survives_it_all(self):
        for status, body, kind in ((200, b"", "application/json"), (200, b"[]", "application/json"),
                                   (200, b"{}", "application/json"), (500, b"", "text/html"),
                                   (200, b'{"statusId": "0"}', "application/json"),
                                   (200, as_json({"statusId": -1, "statusMsg": EVIL}),
                                    "application/json; charset=UTF-8")):
            def script(_, path, answer=(status, {"Content-Type": kind}, body)):
                return (200, {}, b"Hello") if path == "/" else answer

            with Scripted(script) as server:
                done = self.cli(server, "--info")
                self.assertEqual(done.returncode, 1, body)
                self.assertRegex(done.stderr, r"^tango-cli: [^\n]+\n$")
                self.assertNotIn("\x1b", done.stderr)


class Careful(WithScript):
    """What the client sends."""

    def test_only_what_is_missing_is_sent_and_nothing_else_that_is_asked_for(self):
        def script(method, path):
            if path == "/v1/blobs/missing":
                asked = json.loads(server.seen[-1][2])["sha256"]
                return 200, {}, as_json({"missing": [asked[0], "../../etc/passwd", 7, "0" * 64]})
            return (201 if method == "PUT" else 200), {}, as_json({"id": 7})

        with Scripted(script) as server, JobFolder("@true") as folder:
            (pathlib.Path(folder) / "same").write_text("all:\n\t@true\n")
            (pathlib.Path(folder) / "other").write_text("other")
            done = self.tango(server, "submit", folder)
            self.assertEqual((done.returncode, done.stdout), (0, "7\n"))
            self.assertEqual([method for method, _, _ in server.seen], ["POST", "PUT", "POST"])
            job = json.loads(server.seen[-1][2])
        self.assertEqual([file["name"] for file in job["files"]], ["Makefile", "other", "same"])
        self.assertEqual(set(job), {"name", "image", "output_file", "files"})

    def test_a_job_that_is_tried_again_has_its_output_from_the_beginning(self):
        pieces = [("live", 0, b"first"), ("live", 2, b""), ("live", 6, b"second"),
                  ("final", 13, b"head\n second!")]

        def script(_, path):
            if path == "/v1/blobs/missing":
                return 200, {}, as_json({"missing": []})
            if "/output" not in path:
                return 200, {}, as_json({"id": 7, "state": "ended", "verdict": "failed"})
            kind, total, body = pieces.pop(0)
            headers = {"Tango-Output": kind, "Tango-Output-Head-Bytes": "6"}
            if total:
                headers["Tango-Output-Bytes"] = str(total)
            return 200, headers, body[6:] if kind == "final" else body

        with Scripted(script) as server, JobFolder("@true") as folder:
            done = self.tango(server, "submit", folder, "--wait")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "firstsecond!")
        self.assertIn("begins anew", done.stderr)


if __name__ == "__main__":
    TANGO, TANGO_CLI = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
