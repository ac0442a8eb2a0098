#!/usr/bin/env python3
"""A service whose Docker hosts do not answer: it starts all the same, and says so.

Usage: hosts_test.py TANGO [TEST ...]
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wire"))
import service  # pylint: disable=wrong-import-position
from service import IMAGE, KEY  # pylint: disable=wrong-import-position
from v1_test import V1Test  # pylint: disable=wrong-import-position


class HostsThatDoNotAnswer(V1Test):
    """Nothing listens on these sockets."""

    CONFIG = """
[vmms.localDocker]
enabled = true
address = "unix:///nonexistent/local.sock"
[vmms.distDocker]
enabled = true
[[vmms.distDocker.host]]
address = "unix:///nonexistent/one.sock"
labels = ["first"]
cpus = 2
[[vmms.distDocker.host]]
name = "local"
address = "unix:///nonexistent/two.sock"
"""

    def hosts(self):
        return {(each["vmms"], each["name"]): each
                for each in self.v1(200, "GET", "/v1/hosts")["hosts"]}

    def test_each_is_listed_with_its_trouble(self):
        hosts = self.hosts()
        self.assertEqual(set(hosts), {("localDocker", "local"), ("distDocker", "local"),
                                      ("distDocker", "/nonexistent/one.sock")})
        one = hosts["distDocker", "/nonexistent/one.sock"]
        self.assertEqual((one["address"], one["labels"], one["version"], one["draining"]),
                         ("unix:///nonexistent/one.sock", ["first"], None, False))
        for each in hosts.values():
            self.assertIn("No such file", each["trouble"])
            self.assertIsNotNone(each["retry_in_ms"])
        vmms = {each["name"]: each for each in self.v1(200, "GET", "/v1/vmms")["vmms"]}
        self.assertIsNone(vmms["distDocker"]["available"])
        self.assertIsNotNone(vmms["sandbox"]["available"])

    def test_other_vmmss_run_and_show_their_images(self):
        self.v1(200, "GET", "/readyz", key=False)
        self.assertEqual(self.ended(self.submit()["id"])["verdict"], "succeeded")
        answer = self.v1(200, "GET", "/v1/images")
        self.assertIn({"vmms": "sandbox", "name": IMAGE, "hosts": None}, answer["images"])
        self.assertEqual([each["vmms"] for each in answer["unknown"]],
                         ["distDocker", "localDocker"])
        told = self.service.ask("GET", f"/info/{KEY}/").json()["info"]["paused_vmms"]
        self.assertEqual(set(told), {"distDocker", "localDocker"})

    def test_a_host_is_drained_and_undrained(self):
        wanted = {"name": "local", "vmms": "distDocker"}
        for draining in (True, True, False):
            host = self.v1(200, "PUT", "/v1/hosts", {**wanted, "draining": draining})
            self.assertEqual((host["vmms"], host["draining"]), ("distDocker", draining))
            listed = self.hosts()
            self.assertEqual(listed["distDocker", "local"]["draining"], draining)
            self.assertFalse(listed["localDocker", "local"]["draining"])

    def test_requests_that_name_no_host(self):
        good = {"name": "local", "vmms": "distDocker", "draining": True}
        for change, status, field in (
                ({"name": "nobody"}, 422, "name"), ({"vmms": "nobody"}, 422, "name"),
                ({"vmms": "sandbox"}, 422, "name"), ({"name": ""}, 400, "name"),
                ({"name": 5}, 400, "name"), ({"draining": "yes"}, 400, "draining"),
                ({"drained": True}, 400, "drained"), ({"name": "x" * 5000}, 400, "name")):
            with self.subTest(change=change):
                self.refused(status, "PUT", "/v1/hosts", {**good, **change}, field=field)
        self.refused(400, "PUT", "/v1/hosts", {"draining": True}, field="name")
        self.refused(400, "PUT", "/v1/hosts", {"name": "local"}, field="draining")
        problem = self.refused(422, "PUT", "/v1/hosts", {"name": "local", "draining": True},
                               field="name")
        self.assertIn("distDocker and localDocker both", problem["detail"])

    def test_a_service_knows_its_containers_by_a_word_that_it_makes_once(self):
        file = self.service.path / "data/owner"
        word = file.read_text()
        self.assertRegex(word, r"^[0-9a-f]{32}\n$")
        with service.Service(self.CONFIG) as other:
            self.assertNotEqual((other.path / "data/owner").read_text(), word)
            (other.path / "data/owner").write_text("not a word")
            other.stop()
            with self.assertRaisesRegex(RuntimeError, "the data folder's file owner"):
                other.start()


class OnlyHostsThatDoNotAnswer(V1Test):
    CONFIG = """
default_vmms = "localDocker"
[vmms.sandbox]
enabled = false
[vmms.localDocker]
enabled = true
address = "unix:///nonexistent/local.sock"
"""

    def test_the_service_runs_and_is_not_ready(self):
        self.v1(200, "GET", "/healthz", key=False)
        self.v1(503, "GET", "/readyz", key=False)
        self.assertEqual(self.v1(200, "GET", "/v1/images")["images"], [])


if __name__ == "__main__":
    service.main()
