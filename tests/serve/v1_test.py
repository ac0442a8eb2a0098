#!/usr/bin/env python3
"""The modern API, against a running service: every answer is held against the service's own
OpenAPI document.

Usage: v1_test.py TANGO [TEST ...]
"""

import hashlib
import json
import pathlib
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wire"))
import json_schema  # pylint: disable=wrong-import-position
import service  # pylint: disable=wrong-import-position
from service import IMAGE, KEY  # pylint: disable=wrong-import-position

BEARER = {"Authorization": f"Bearer {KEY}"}
JSON = {"Content-Type": "application/json"}
HELLO = b"all:\n\t@echo hello\n"
BOUNDARY = "------------------------d74496d66958873e"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def form(job, files, boundary=BOUNDARY):
    """A multipart/form-data body; `job` None: without that part."""
    parts = []
    if job is not None:
        parts.append(b'form-data; name="job"\r\n\r\n' + json.dumps(job).encode())
    for name, content in files:
        parts.append(b'form-data; name="file"; filename="' + name.encode() +
                     b'"\r\nContent-Type: application/octet-stream\r\n\r\n' + content)
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\nContent-Disposition: " + part + b"\r\n" for part in parts) + \
        line + b"--\r\n"


def form_type(boundary=BOUNDARY):
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class V1Test(service.WireTest):
    """Tests that share one service, and the document that it gives."""

    document = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = json_schema.Document(cls.service.ask("GET", "/v1/openapi.json").json())

    def v1(self, status, method, path, body=None, headers=None, key=True):
        """One request, its answer checked against the document. The parsed body, or the answer."""
        headers = {**(BEARER if key else {}), **(headers or {})}
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {**JSON, **headers}
        answer = self.service.ask(method, path, body, headers)
        self.assertEqual(answer.status, status, answer.body)
        value = None if answer.kind == "application/octet-stream" else answer.json()
        plain = urllib.parse.urlsplit(path).path
        self.assertEqual([], self.document.problems_of_answer(method, plain, status, answer.kind,
                                                              value))
        return answer if value is None else value

    def refused(self, status, method, path, body=None, headers=None, field=None):
        problem = self.v1(status, method, path, body, headers)
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem.get("field"), field, problem)
        return problem

    def submit(self, makefile=HELLO, files=(), status=201, **fields):
        """A job with that Makefile, in one request."""
        body = form({"name": "job", "image": IMAGE, **fields}, [("Makefile", makefile), *files])
        return self.v1(status, "POST", "/v1/jobs", body, form_type())

    def ended(self, id):
        job = self.v1(200, "GET", f"/v1/jobs/{id}?wait=60")
        self.assertEqual(job["state"], "ended")
        return job

    def output(self, id, **query):
        return self.v1(200, "GET", f"/v1/jobs/{id}/output?" + urllib.parse.urlencode(query))


class Keys(V1Test):
    def test_without_a_key_there_is_no_answer_but_how_to_give_one(self):
        for method, path in (("GET", "/v1/jobs"), ("POST", "/v1/jobs"), ("GET", "/v1/jobs/1"),
                             ("PUT", "/v1/blobs/" + "0" * 64), ("GET", "/v1/info"),
                             ("GET", "/v1/jobs/x")):
            for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
                            {"Authorization": f"Basic {KEY}"}, {"Authorization": KEY}):
                answer = self.service.ask(method, path, headers=headers)
                self.assertEqual(answer.status, 401)
                self.assertEqual(answer.kind, "application/problem+json")
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])

    def test_a_wrong_key_is_401_and_never_repeated(self):
        answer = self.service.ask("GET", "/v1/info",
                                  headers={"Authorization": "Bearer not-the-key-at-all"})
        self.assertEqual(answer.status, 401)
        self.assertIn("invalid_token", answer.headers["WWW-Authenticate"])
        self.assertNotIn(b"not-the-key", answer.body)

    def test_the_scheme_is_read_in_any_case(self):
        self.v1(200, "GET", "/v1/info", headers={"Authorization": f"bEaReR   {KEY}"}, key=False)

    def test_probes_and_the_document_need_no_key(self):
        for path in ("/healthz", "/readyz", "/v1/openapi.json"):
            self.v1(200, "GET", path, key=False)


class Routes(V1Test):
    def test_what_the_server_says_by_itself_is_a_problem_too(self):
        for method, path, status in (("GET", "/v1/nowhere", 404), ("DELETE", "/v1/jobs", 405),
                                     ("GET", "/v1/jobs/%ff", 400), ("GET", "/v1", 404)):
            answer = self.service.ask(method, path, headers=BEARER)
            self.assertEqual(answer.status, status, path)
            self.assertEqual(answer.kind, "application/problem+json", path)
            self.assertEqual(answer.json()["status"], status)
        self.assertEqual(self.service.ask("GET", "/nowhere").json()["statusId"], -1)


class Submission(V1Test):
    def test_a_job_and_its_files_in_one_request(self):
        submitted = self.submit(b"all:\n\t@cat greeting\n", [("greeting", b"hi there\n")],
                                name="greet", courselab="made-by-submit",
                                limits={"timeout_seconds": 12.5}, machine={"cpus": 0.5})
        self.assertIn(submitted["state"], ("queued", "running"))
        job = self.ended(submitted["id"])
        self.assertEqual((job["verdict"], job["outcome"]["exit_status"]), ("succeeded", 0))
        self.assertEqual((job["limits"]["timeout_seconds"], job["machine"]["cpus"]), (12.5, 0.5))
        self.assertEqual(job["courselab"], "made-by-submit")
        self.assertRegex(job["output_file"], r"^greet-[0-9a-f]+\.out$")
        self.assertEqual([each["name"] for each in job["files"]], ["Makefile", "greeting"])
        self.assertEqual(job["files"][1]["sha256"], sha256(b"hi there\n"))
        self.assertIsNotNone(job["phases"]["run_ms"])
        answer = self.output(job["id"])
        self.assertEqual(answer.headers["Tango-Output"], "final")
        self.assertTrue(answer.body.endswith(b"\nhi there\n"))
        self.assertEqual(int(answer.headers["Tango-Output-Bytes"]), job["output_bytes"])
        head = int(answer.headers["Tango-Output-Head-Bytes"])
        self.assertEqual(answer.body[head:], b"hi there\n")

    def test_the_answer_says_where_the_job_is(self):
        answer = self.service.ask("POST", "/v1/jobs",
                                  form({"name": "j", "image": IMAGE}, [("Makefile", HELLO)]),
                                  {**BEARER, **form_type()})
        self.assertEqual(answer.headers["Location"], f"/v1/jobs/{answer.json()['id']}")

    def test_files_may_be_sent_ahead_by_their_hash(self):
        makefile = b"all:\n\t@echo ahead of it\n"
        id = sha256(makefile)
        asked = {"sha256": [id]}
        self.assertEqual(self.v1(200, "POST", "/v1/blobs/missing", asked)["missing"], [id])
        request = {"name": "j", "image": IMAGE, "files": [{"name": "Makefile", "sha256": id}]}
        self.refused(422, "POST", "/v1/jobs", request, field="files[0].sha256")
        self.v1(201, "PUT", f"/v1/blobs/{id}", makefile)
        self.v1(200, "PUT", f"/v1/blobs/{id}", makefile)
        self.assertEqual(self.v1(200, "POST", "/v1/blobs/missing", asked)["missing"], [])
        job = self.ended(self.v1(201, "POST", "/v1/jobs", request)["id"])
        self.assertTrue(self.output(job["id"]).body.endswith(b"\nahead of it\n"))

    def test_files_of_a_courselab_are_named(self):
        self.v1(201, "PUT", "/v1/courselabs/named")
        self.v1(200, "PUT", "/v1/courselabs/named")
        self.assertIn("named", self.v1(200, "GET", "/v1/courselabs")["courselabs"])
        put = self.v1(201, "PUT", "/v1/courselabs/named/files/a%20Makefile", HELLO)
        self.assertEqual((put["name"], put["sha256"]), ("a Makefile", sha256(HELLO)))
        self.v1(200, "PUT", "/v1/courselabs/named/files/a%20Makefile", HELLO)
        files = self.v1(200, "GET", "/v1/courselabs/named/files")["files"]
        self.assertEqual(files, [put])
        request = {"name": "j", "image": IMAGE, "courselab": "named",
                   "files": [{"name": "Makefile", "local_file": "a Makefile"}]}
        job = self.ended(self.v1(201, "POST", "/v1/jobs", request)["id"])
        self.assertEqual(job["files"], [{"name": "Makefile", "local_file": "a Makefile",
                                         "sha256": sha256(HELLO)}])
        request["files"][0]["local_file"] = "never sent"
        problem = self.refused(422, "POST", "/v1/jobs", request, field="files")
        self.assertIn("never sent", problem["detail"])

    def test_the_same_request_with_a_name_for_its_output_is_the_same_job(self):
        first = self.submit(output_file="mine.out")
        again = self.submit(output_file="mine.out", status=200)
        other = self.submit(output_file="other.out")
        self.assertEqual(first["id"], again["id"])
        self.assertNotEqual(first["id"], other["id"])

    def test_a_job_that_does_not_pass_is_kept_with_all_reasons(self):
        body = form({"name": "j", "image": "no-such-image"}, [("main.c", b"")])
        problem = self.v1(422, "POST", "/v1/jobs", body, form_type())
        reasons = "\n".join(problem["reasons"])
        self.assertIn("Missing Makefile", reasons)
        self.assertIn("no-such-image", reasons)
        job = self.v1(200, "GET", f"/v1/jobs/{problem['job_id']}")
        self.assertEqual((job["state"], job["verdict"]), ("ended", "rejected"))
        self.assertIsNone(job["outcome"])
        self.refused(404, "GET", f"/v1/jobs/{job['id']}/output")

    def test_a_large_file_comes_through_with_flat_memory(self):
        content = bytes(range(256)) * (256 * 1024)
        makefile = b"all:\n\t@sha256sum < big | cut -c 1-64\n"
        job = self.ended(self.submit(makefile, [("big", content)])["id"])
        self.assertIn(sha256(content).encode(), self.output(job["id"]).body)
        status = pathlib.Path(f"/proc/{self.service.process.pid}/status").read_text()
        peak_kib = int(status.split("VmHWM:")[1].split()[0])
        self.assertLess(peak_kib * 1024, len(content) * 3)

    def test_bytes_of_every_kind_survive_a_form(self):
        content = b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\0\xff--\r\n\r\n"
        job = self.ended(self.submit(b"all:\n\t@cat raw\n", [("raw", content)])["id"])
        self.assertTrue(self.output(job["id"]).body.endswith(content))
        self.assertEqual(job["files"][1]["sha256"], sha256(content))


class HostileSubmission(V1Test):
    def test_every_field_of_a_wrong_type_is_named(self):
        good = {"name": "j", "image": IMAGE, "files": []}
        for changes, field in (
                ({"name": 5}, "name"), ({"image": None}, "image"), ({"courselab": "../x"},
                                                                    "courselab"),
                ({"files": {}}, "files"), ({"files": [[]]}, "files[0]"),
                ({"files": [{"name": "a/b", "local_file": "a"}]}, "files[0].name"),
                ({"files": [{"name": "a", "sha256": "A" * 64}]}, "files[0].sha256"),
                ({"limits": {"timeout_seconds": "soon"}}, "limits.timeout_seconds"),
                ({"limits": {"processes": -1}}, "limits.processes"),
                ({"limits": {"output_bytes": 1e40}}, "limits.output_bytes"),
                ({"machine": {"network": "no"}}, "machine.network"),
                ({"callback_url": ["x"]}, "callback_url"), ({"output_file": "a/b"}, "output_file"),
                ({"jobName": "wire"}, "jobName")):
            with self.subTest(field=field):
                problem = self.refused(400, "POST", "/v1/jobs", {**good, **changes}, field=field)
                self.assertIn(field, problem["detail"])
        self.refused(400, "POST", "/v1/jobs", {"name": "j", "image": IMAGE}, field="files")

    def test_what_is_no_json_is_said_so(self):
        for body in (b"", b"{", b"[]", b"null", b"[" * 100000, b'{"name":"\xff"}', b"\0"):
            self.refused(400, "POST", "/v1/jobs", body, JSON)
        self.refused(413, "POST", "/v1/jobs", b" " * (1024 * 1024 + 1), JSON)

    def test_other_content_types_are_415(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/mixed", ""):
            self.refused(415, "POST", "/v1/jobs", b"{}", {"Content-Type": kind})

    def test_forms_that_are_none(self):
        job = {"name": "j", "image": IMAGE}
        good = form(job, [("Makefile", HELLO)])
        for body in (b"", good[:-4], good[2:], good + b"x", good.replace(b"\r\n", b"\n"),
                     good.replace(b"form-data;", b"attachment;")):
            with self.subTest(body=body):
                self.refused(400, "POST", "/v1/jobs", body, form_type())
        self.refused(400, "POST", "/v1/jobs", good, {"Content-Type": "multipart/form-data"})
        self.refused(400, "POST", "/v1/jobs", form(None, [("Makefile", HELLO)]), form_type(),
                     field="job")
        self.refused(400, "POST", "/v1/jobs", form(job, [("../Makefile", HELLO)]), form_type(),
                     field="filename")
        self.refused(413, "POST", "/v1/jobs", form({"name": "x" * 2000000}, []), form_type(),
                     field="job")
        self.refused(413, "POST", "/v1/jobs", form(job, [("f", b"")] * 1002), form_type())

    def test_a_form_that_breaks_off_leaves_the_service_well(self):
        head = (f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
                "Content-Length: 1000000\r\n\r\n").encode()
        self.service.raw(head + form({"name": "j", "image": IMAGE}, [("f", b"x" * 1000)])[:-50])
        self.v1(200, "GET", "/healthz", key=False)

    def test_content_with_another_hash_is_refused(self):
        problem = self.refused(422, "PUT", f"/v1/blobs/{sha256(b'one')}", b"other",
                               field="sha256")
        self.assertIn(sha256(b"other"), problem["detail"])
        for name in ("x", "A" * 64, "0" * 63, "%2e%2e"):
            self.refused(400, "PUT", f"/v1/blobs/{name}", b"", field="sha256")

    def test_blobs_missing_is_read_strictly(self):
        for body, field in (({}, "sha256"), ({"sha256": "x"}, "sha256"),
                            ({"sha256": ["x"]}, "sha256[0]"), ({"sha256": [], "a": 1}, "a"),
                            ({"sha256": ["0" * 64] * 10001}, "sha256")):
            self.refused(400, "POST", "/v1/blobs/missing", body, field=field)

    def test_names_that_are_no_component(self):
        self.refused(400, "PUT", "/v1/courselabs/..", field="lab")
        self.refused(400, "PUT", "/v1/courselabs/a%2Fb", field="lab")
        self.refused(404, "GET", "/v1/courselabs/not-there/files")
        self.refused(404, "PUT", "/v1/courselabs/not-there/files/a", b"x")
        self.v1(201, "PUT", "/v1/courselabs/strict")
        self.refused(400, "PUT", "/v1/courselabs/strict/files/%2e%2e", b"x", field="name")
        self.refused(400, "PUT", "/v1/courselabs/strict/files/" + "x" * 256, b"x", field="name")


class Jobs(V1Test):
    CONFIG = "[vmms.sandbox]\nvms_max = 1\n"

    def test_verdicts_and_outcomes(self):
        for makefile, limits, verdict, outcome in (
                (b"all:\n\t@exit 3\n", {}, "failed", {"exit_status": 2, "ended_by": None}),
                (b"all:\n\t@sleep 60\n", {"timeout_seconds": 0.3}, "limit",
                 {"ended_by": "wall_time"}),
                (b"all:\n\t@yes | head -c 9000\n", {"output_bytes": 1000}, "succeeded",
                 {"output_elided": True})):
            with self.subTest(verdict=verdict):
                job = self.ended(self.submit(makefile, limits=limits)["id"])
                self.assertEqual(job["verdict"], verdict)
                self.assertEqual({**job["outcome"], **outcome}, job["outcome"])
                self.assertTrue(job["verdict_text"])

    def test_lists_are_filtered_and_paged(self):
        ids = [self.ended(self.submit(courselab="paged")["id"])["id"] for _ in range(3)]
        list_of = lambda query: self.v1(200, "GET", "/v1/jobs?" + query)
        page = list_of("courselab=paged&limit=2")
        self.assertEqual([job["id"] for job in page["jobs"]], [ids[2], ids[1]])
        rest = list_of(f"courselab=paged&limit=2&before={page['next']}")
        self.assertEqual([job["id"] for job in rest["jobs"]], [ids[0]])
        self.assertIsNone(rest["next"])
        self.assertIsNone(list_of("courselab=paged&limit=3")["next"])
        self.assertEqual(list_of("courselab=paged&state=queued")["jobs"], [])
        self.assertEqual(list_of("courselab=paged&verdict=failed")["jobs"], [])
        self.assertEqual(len(list_of("courselab=paged&verdict=succeeded&state=ended")["jobs"]), 3)

    def test_bad_queries_name_the_parameter(self):
        for query, field in (("state=dead", "state"), ("verdict=good", "verdict"),
                             ("limit=0", "limit"), ("limit=501", "limit"), ("before=x", "before"),
                             ("limit=5&limit=6", "limit"), ("page=2", "page")):
            self.refused(400, "GET", f"/v1/jobs?{query}", field=field)
        self.refused(400, "GET", "/v1/jobs/1?wait=61", field="wait")
        self.refused(400, "GET", "/v1/jobs/1/output?offset=-1", field="offset")
        self.refused(400, "GET", "/v1/jobs/1/output?until=dusk", field="until")

    def test_ids_that_name_no_job(self):
        for method, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/output"),
                             ("POST", "/callback")):
            for id in ("abc", "0", "-1", "1e3", "99999999999999999999", "1x"):
                self.refused(400, method, f"/v1/jobs/{id}{path}", field="id")
            self.refused(404, method, f"/v1/jobs/4000000000{path}")

    def test_cancel_ends_running_and_waiting_jobs(self):
        running = self.submit(b"all:\n\t@echo begun; sleep 60\n", courselab="cancelled")["id"]
        self.service.wait_for(lambda: b"begun" in self.output(running, wait=1).body)
        waiting = self.submit(courselab="cancelled")
        self.assertEqual((waiting["state"], waiting["rank"]), ("queued", 1))
        for id in (waiting["id"], running):
            job = self.v1(200, "POST", f"/v1/jobs/{id}/cancel")
            self.assertEqual((job["state"], job["verdict"]), ("ended", "cancelled"))
            self.refused(409, "POST", f"/v1/jobs/{id}/cancel")
            self.assertIn(b"cancelled", self.output(id).body)

    def test_output_is_waited_for_until_the_end(self):
        id = self.submit(b"all:\n\t@echo early; sleep 1.5; echo late\n")["id"]
        self.service.wait_for(lambda: b"early" in self.output(id, wait=1).body)
        too_soon = self.output(id, wait=1, until="end")
        self.assertEqual((too_soon.headers["Tango-Output"], too_soon.body), ("live", b"early\n"))
        for _ in ("before its end", "behind it"):
            answer = self.output(id, wait=60, until="end")
            self.assertEqual(answer.headers["Tango-Output"], "final")
            self.assertTrue(answer.body.endswith(b"early\nlate\n"))
        self.refused(404, "GET", "/v1/jobs/4000000000/output?wait=60&until=end")

    def test_output_is_followed_while_the_job_runs(self):
        id = self.submit(b"all:\n\t@for i in 1 2 3; do echo line $$i; sleep 0.4; done\n")["id"]
        seen, offset, kinds = b"", 0, []
        while "final" not in kinds:
            answer = self.output(id, offset=offset, wait=10)
            kinds.append(answer.headers["Tango-Output"])
            if kinds[-1] == "live":
                seen += answer.body
                offset += len(answer.body)
        self.assertIn("live", kinds)
        self.assertGreater(len(seen), 0)
        head = int(answer.headers["Tango-Output-Head-Bytes"])
        seen += self.output(id, offset=head + offset).body
        self.assertEqual(seen, b"line 1\nline 2\nline 3\n")
        self.assertEqual(self.output(id, offset=10**9).body, b"")

    def test_a_long_poll_ends_with_the_job_and_not_later(self):
        id = self.submit(b"all:\n\t@sleep 0.5\n")["id"]
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.ended(id)))
                   for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([job["verdict"] for job in answers], ["succeeded"] * 5)

    def test_a_waiting_request_does_not_hold_up_the_end_of_the_service(self):
        with service.Service() as own:
            body = form({"name": "j", "image": IMAGE}, [("Makefile", b"all:\n\t@sleep 30\n")])
            first = own.ask("POST", "/v1/jobs", body, {**BEARER, **form_type()}).json()["id"]
            waiting = threading.Thread(
                target=lambda: own.ask("GET", f"/v1/jobs/{first}?wait=60", headers=BEARER))
            waiting.start()
            own.wait_for(lambda: own.ask("GET", "/v1/info", headers=BEARER).json()["running"] == 1)
            own.ask("POST", f"/v1/jobs/{first}/cancel", headers=BEARER)
            waiting.join()
            self.assertEqual(own.stop(), 0)


class Callbacks(V1Test):
    def test_a_callback_is_listed_without_its_key_and_sent_again(self):
        with service.Receiver([500, 200, 200]) as receiver:
            id = self.submit(callback_url=receiver.url("cb?key=SECRET"))["id"]
            job = self.ended(id)
            self.assertEqual(job["callback_url"], receiver.url("cb"))
            receiver.received.get(timeout=60)
            owed = self.service.wait_for(
                lambda: [each for each in self.v1(200, "GET", "/v1/callbacks")["callbacks"]
                         if each["attempts"] > 0 and each["job_id"] == id])
            self.assertEqual(owed[0]["url"], receiver.url("cb"))
            self.assertNotIn("SECRET", json.dumps(owed))
            receiver.received.get(timeout=60)
            self.service.wait_for(
                lambda: not self.v1(200, "GET", "/v1/callbacks")["callbacks"])
            self.v1(202, "POST", f"/v1/jobs/{id}/callback")
            _, path, _, body = receiver.received.get(timeout=60)
            self.assertEqual(path, "/cb?key=SECRET")
            self.assertIn(self.output(id).body, body)

    def test_only_a_job_with_a_callback_has_one_to_send(self):
        id = self.ended(self.submit()["id"])["id"]
        self.refused(409, "POST", f"/v1/jobs/{id}/callback")


class TheService(V1Test):
    def test_pools_are_set_and_listed(self):
        wanted = {"image": IMAGE, "vms": 1, "machine": {"memory_bytes": 64 << 20}}
        pool = self.v1(200, "PUT", "/v1/pools", wanted)
        self.assertEqual((pool["preallocated"], pool["machine"]["memory_bytes"]), (1, 64 << 20))
        mine = lambda: [each for each in self.v1(200, "GET", "/v1/pools")["pools"]
                        if each["machine"] == pool["machine"]]
        self.service.wait_for(lambda: mine() and len(mine()[0]["free"]) == 1)
        self.v1(200, "PUT", "/v1/pools", {**wanted, "vms": 0})
        self.service.wait_for(lambda: not mine() or not mine()[0]["total"])

    def test_pools_that_cannot_be(self):
        for body, status, field in (
                ({}, 400, "image"), ({"image": IMAGE}, 400, "vms"),
                ({"image": IMAGE, "vms": -1}, 400, "vms"),
                ({"image": IMAGE, "vms": 1, "size": 2}, 400, "size"),
                ({"image": IMAGE, "vms": 1, "machine": {"cpus": "x"}}, 400, "machine.cpus"),
                ({"image": "no-such-image", "vms": 1}, 422, "image"),
                ({"image": IMAGE, "vmms": "nope", "vms": 1}, 422, "vmms"),
                ({"image": IMAGE, "vms": 100000}, 422, "vms")):
            self.refused(status, "PUT", "/v1/pools", body, field=field)
        self.refused(415, "PUT", "/v1/pools", b"{}", {"Content-Type": "text/plain"})

    def test_images_vmms_and_counters(self):
        self.assertIn({"vmms": "sandbox", "name": IMAGE, "hosts": None},
                      self.v1(200, "GET", "/v1/images")["images"])
        self.assertEqual(self.v1(200, "GET", "/v1/hosts")["hosts"], [])
        vmms = self.v1(200, "GET", "/v1/vmms")["vmms"]
        self.assertEqual([(each["name"], each["default"]) for each in vmms], [("sandbox", True)])
        self.assertEqual(vmms[0]["available"], vmms[0]["capacity"])
        before = self.v1(200, "GET", "/v1/info")
        self.ended(self.submit()["id"])
        after = self.v1(200, "GET", "/v1/info")
        self.assertEqual(after["counters"]["job_requests"],
                         before["counters"]["job_requests"] + 1)
        self.assertGreaterEqual(after["uptime_seconds"], before["uptime_seconds"])

    def test_a_query_that_is_not_known_is_an_error_but_for_probes(self):
        for path in ("/v1/info", "/v1/pools", "/v1/images", "/v1/vmms", "/v1/hosts",
                     "/v1/callbacks", "/v1/courselabs", "/v1/openapi.json"):
            self.refused(400, "GET", path + "?verbose=1", field="verbose")
        self.v1(200, "GET", "/healthz?probe=1", key=False)

    def test_every_operation_takes_its_method_alone(self):
        for path in ("/v1/jobs", "/v1/info", "/healthz"):
            self.assertEqual(self.service.ask("DELETE", path, headers=BEARER).status, 405)
        self.assertEqual(self.service.ask("GET", "/v1/nothing", headers=BEARER).status, 404)


if __name__ == "__main__":
    service.main()
