#!/usr/bin/env python3
"""A service with one Docker engine: images of all kinds, and whose containers are whose.

Usage: service_test.py TANGO IMAGES [TEST ...]
"""

import json

import dockered
import images
import service
from dockered import COURSE, STOCK, DockerTest, reference
from service import KEY

WHERE = "@id -un; pwd; test -w . && echo writable; command -v make >/dev/null && echo make"


class Images(DockerTest):
    def test_a_job_is_at_home_in_an_image_of_any_kind(self):
        for name in ("stock", "course", "small", "user", "tools", "declared"):
            with self.subTest(image=name):
                job, text = self.result(self.start(WHERE, image=reference(name)))
                self.assertEqual(job["verdict"], "succeeded", job)
                self.assertEqual(text.split(), ["autograde", "/home/autograde/autolab",
                                                "writable", "make"])

    def test_an_image_is_met_with_and_without_its_tag(self):
        for name in (STOCK, f"{STOCK}:latest", f"docker.io/library/{STOCK}"):
            with self.subTest(image=name):
                self.succeeds(image=name)

    def test_what_lies_in_the_home_of_an_image_is_there(self):
        _, text = self.result(self.start("@$$HOME/bin/course-tool", image=reference("tools")))
        self.assertEqual(text, "the course has its tool\n")

    def test_the_environment_of_an_image_is_its_jobs_and_steers_nothing_of_ours(self):
        _, text = self.result(self.start('@echo "$$COURSE"', image=reference("declared")))
        self.assertEqual(text, "15-213\n")

    def test_the_autodriver_of_an_image_never_runs(self):
        _, text = self.result(self.start("@cat /usr/bin/autodriver; id -u", image=COURSE))
        self.assertIn("the decoy", text)
        id = self.submit(image=COURSE)["id"]
        self.ended(id)
        self.assertNotIn(b"decoy", self.output(id).body)

    def test_an_image_without_make_fails_the_job_in_a_sentence(self):
        job, text = self.result(self.submit(image=reference("no-make"))["id"])
        self.assertIn(job["verdict"], ("failed", "internal_error"))
        self.assertIn("make", text + job["verdict_text"] + " ".join(job["trace"]))

    def test_an_image_in_which_no_job_can_run_is_refused_in_a_sentence(self):
        for name, word in (("foreign", "s390x"), ("rootgrade", "root")):
            with self.subTest(image=name):
                told = " ".join(self.told_of(reference(name)))
                self.assertIn(word, told)

    def told_of(self, image):
        """What is said of a job in an image that is no good: when it is added, or as it fails."""
        body = dockered.v1_test.form({"name": "job", "image": image},
                                     [("Makefile", dockered.v1_test.HELLO)])
        answer = self.service.ask("POST", "/v1/jobs", body,
                                  {**dockered.v1_test.BEARER, **dockered.v1_test.form_type()})
        if answer.status == 422:
            return answer.json()["reasons"]
        self.assertEqual(answer.status, 201, answer.body)
        job = self.ended(answer.json()["id"])
        self.assertEqual(job["verdict"], "internal_error", job)
        return [*job["trace"], self.output(job["id"]).body.decode()]

    def test_names_that_lead_elsewhere_in_the_engine_are_none(self):
        for name in ("../containers", f"{STOCK}/json?x=", f"{STOCK}%2f..", "a b", "-x", "X:y:z",
                     f"{STOCK}\r\nX: y", "nope", f"{STOCK}:none", "a/" * 100 + "a"):
            with self.subTest(image=name):
                body = dockered.v1_test.form({"name": "job", "image": name},
                                             [("Makefile", dockered.v1_test.HELLO)])
                self.v1(422, "POST", "/v1/jobs", body, dockered.v1_test.form_type())

    def test_images_are_listed(self):
        listed = self.v1(200, "GET", "/v1/images")["images"]
        for name in ("stock", "small", "course"):
            self.assertIn({"vmms": "localDocker", "name": reference(name), "hosts": ["local"]},
                          listed)

    def test_a_saved_image_is_built_and_jobs_run_in_it(self):
        archive = images.docker_save("anything:at-all", [images.busybox_layer()], {})
        for name in ("registry.example:5000/team/built", "built"):
            with self.subTest(image=name):
                answer = self.service.post("build", KEY, body=archive, headers={"imageName": name})
                self.told(answer, 0, "Docker image built")
                self.succeeds(image=name)
        self.assertNotIn("anything:at-all", dockered.ENGINE.images())

    def test_what_is_no_saved_image_is_refused_and_takes_no_other_s_name(self):
        before = dockered.ENGINE.images()
        two = images.docker_save(f"{STOCK}:latest", [b"nonsense"], {})
        for body in (b"", b"nonsense", two, two[:3000]):
            answer = self.service.post("build", KEY, body=body, headers={"imageName": "broken"})
            found = self.told(answer, -1, "Image build failed")
            self.assertTrue(found["reason"])
        self.assertEqual(dockered.ENGINE.images(), before)
        self.succeeds()

    def test_an_image_that_is_changed_under_its_name_is_used_from_then_on(self):
        for word in ("first", "second"):
            layer = images.Layer()
            layer.file("etc/word", word)
            archive = images.docker_save("x:1", [images.busybox_layer(), layer.bytes()], {})
            answer = self.service.post("build", KEY, body=archive,
                                       headers={"imageName": "changing"})
            self.told(answer, 0, "Docker image built")
            _, text = self.result(self.start("@cat /etc/word", image="changing"))
            self.assertEqual(text, word)


class Ownership(DockerTest):
    def test_a_foreign_container_is_never_touched(self):
        foreign = dockered.ENGINE.run(f"{STOCK}:latest", ["sleep", "600"])
        try:
            self.succeeds()
            self.service.stop()
            self.service.start()
            self.succeeds()
            state = dockered.ENGINE.json("GET", f"/containers/{foreign}/json")["State"]
            self.assertEqual(state["Status"], "running")
        finally:
            dockered.ENGINE.remove({"Id": foreign})

    def test_a_container_that_is_labelled_like_ours_but_no_vm_ends_no_service(self):
        owner = self.owner()
        made = dockered.ENGINE.json("POST", "/containers/create", {
            "Image": f"{STOCK}:latest", "Cmd": ["sleep", "600"],
            "Labels": {"tango.owner": owner, "tango.id": "x", "tango.prefix": ""}})
        try:
            self.service.stop()
            self.service.start()
            self.succeeds()
        finally:
            for left in dockered.ENGINE.containers(tango__owner=owner, tango__id="x"):
                self.assertEqual(left["Id"], made["Id"])
                dockered.ENGINE.remove(left)

    def owner(self):
        """What this service's containers are labelled with."""
        id = self.start("@echo begun; sleep 600")
        self.begun(id)
        container = self.container_of(self.v1(200, "GET", f"/v1/jobs/{id}"))
        self.v1(200, "POST", f"/v1/jobs/{id}/cancel")
        return container["Labels"]["tango.owner"]

    def test_two_services_on_one_engine_do_not_see_each_other_s_containers(self):
        id = self.start("@echo begun; while ! test -e /tmp/x; do sleep 0.1; done", limits={
            "timeout_seconds": 60})
        self.begun(id)
        mine = self.container_of(self.v1(200, "GET", f"/v1/jobs/{id}"))["Id"]
        with service.Service() as other:  # it destroys what it takes for its own of earlier times
            other.run("lab", "@echo x", "out", image=STOCK)
            other.stop()
            other.start()
            other.run("lab", "@echo x", "again", image=STOCK)
        self.assertIn(mine, [each["Id"] for each in dockered.ENGINE.containers()])
        self.assertEqual(self.v1(200, "GET", f"/v1/jobs/{id}")["state"], "running")
        self.v1(200, "POST", f"/v1/jobs/{id}/cancel")

    def test_what_a_killed_service_leaves_is_gone_with_the_next_one(self):
        self.v1(200, "PUT", "/v1/pools", {"image": STOCK, "vms": 1, "machine": {
            "memory_bytes": 64 << 20}})
        id = self.start("@echo begun; test -e ../x || sleep 600", limits={"timeout_seconds": 600})
        self.begun(id)
        self.service.wait_for(lambda: len(dockered.ENGINE.containers()) >= 2)
        before = {each["Id"] for each in dockered.ENGINE.containers()}
        self.service.kill()
        self.service.start()
        self.service.wait_for(lambda: not before & {each["Id"] for each in
                                                    dockered.ENGINE.containers()})
        self.v1(200, "POST", f"/v1/jobs/{id}/cancel")
        self.v1(200, "PUT", "/v1/pools", {"image": STOCK, "vms": 0, "machine": {
            "memory_bytes": 64 << 20}})
        self.assertEqual(self.ended(id)["verdict"], "cancelled")

    def test_no_job_and_no_answer_tells_of_the_engine_s_socket(self):
        listed = json.dumps(self.v1(200, "GET", "/v1/vmms"))
        self.assertIn("localDocker", listed)
        _, text = self.result(self.start("@env; cat /proc/self/mountinfo"))
        self.assertNotIn(dockered.ENGINE.socket, text)


if __name__ == "__main__":
    dockered.run_tests("stock", "course", "small", "user", "tools", "no-make", "declared",
                       "foreign", "rootgrade")
