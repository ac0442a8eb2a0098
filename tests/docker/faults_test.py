#!/usr/bin/env python3
"""What can go wrong with a Docker engine while jobs run: each job has one end, a retried one or a
clear internal error, and jobs go well again as soon as the engine does.

Usage: faults_test.py TANGO IMAGES [TEST ...]
"""

import contextlib
import pathlib
import tempfile

import daemon
import dockered
import service
from dockered import STOCK, DockerTest

CONFIG = '[pools]\nbackoff_min = "100ms"\nbackoff_max = "1s"\n'
LONG = {"timeout_seconds": 100}
OTHER = {"memory_bytes": 96 << 20}  # a VM of this kind is not there yet
ENDS = ("succeeded", "internal_error")


class FaultTest(DockerTest):
    CONFIG = CONFIG
    ENGINE_BREAKS = True

    def jobs_under_way(self, count=3):
        """Jobs of which one runs and others run or wait; their ids."""
        ids = [self.start(f"@echo begun {number}; sleep 2; echo done {number}", limits=LONG,
                          machine={"cpus": 0.5}, name=f"job{number}") for number in range(count)]
        self.begun(ids[0])
        return ids

    def each_ended_once(self, ids):
        for number, id in enumerate(ids):
            job, text = self.result(id)
            self.assertIn(job["verdict"], ENDS, job)
            if job["verdict"] == "succeeded":
                self.assertEqual(text, f"begun {number}\ndone {number}\n")
            else:
                self.assertRegex(job["verdict_text"], "^(Error|Internal error): ")
        self.assertEqual(self.v1(200, "GET", "/v1/jobs?state=running")["jobs"], [])

    def recovers(self, image=STOCK, patience=60):
        """Jobs go well again by themselves."""
        def well():
            return self.ended(self.submit(image=image)["id"])["verdict"] == "succeeded"
        self.service.wait_for(well, patience)


class Faults(FaultTest):
    def test_a_container_that_is_removed_by_hand_is_a_retry(self):
        id = self.start("@echo begun; sleep 2; echo done", limits=LONG)
        self.begun(id)
        dockered.ENGINE.remove(self.container_of(self.v1(200, "GET", f"/v1/jobs/{id}")))
        job, text = self.result(id)
        self.assertEqual((job["verdict"], job["retries"], text),
                         ("succeeded", 1, "begun\ndone\n"), job)

    def test_a_container_that_is_killed_is_a_retry(self):
        id = self.start("@echo begun; sleep 2; echo done", limits=LONG)
        self.begun(id)
        container = self.container_of(self.v1(200, "GET", f"/v1/jobs/{id}"))["Id"]
        dockered.ENGINE.ask("POST", f"/containers/{container}/kill")
        job, text = self.result(id)
        self.assertEqual((job["verdict"], job["retries"], text),
                         ("succeeded", 1, "begun\ndone\n"), job)

    def test_a_warm_container_that_is_removed_by_hand_is_replaced(self):
        pool = {"image": STOCK, "vms": 1, "machine": {"memory_bytes": 64 << 20}}
        self.v1(200, "PUT", "/v1/pools", pool)
        try:
            self.service.wait_for(self.warm_containers)
            dockered.ENGINE.remove(self.warm_containers()[0])
            job = self.ended(self.submit(machine=pool["machine"])["id"])
            self.assertEqual(job["verdict"], "succeeded", job)
            self.service.wait_for(self.warm_containers)
        finally:
            self.v1(200, "PUT", "/v1/pools", {**pool, "vms": 0})

    def warm_containers(self):
        free = [str(id) for pool in self.v1(200, "GET", "/v1/pools")["pools"]
                for id in pool["free"]]
        return [each for each in dockered.ENGINE.containers()
                if each["Labels"].get("tango.id") in free]

    def test_an_engine_that_is_killed_and_comes_back(self):
        ids = self.jobs_under_way()
        dockered.ENGINE.kill()
        dockered.ENGINE.start()
        self.each_ended_once(ids)
        self.recovers()

    def test_an_engine_that_is_restarted_in_order(self):
        ids = self.jobs_under_way()
        dockered.ENGINE.restart()
        self.each_ended_once(ids)
        self.recovers()

    def test_an_engine_that_says_nothing_for_a_while(self):
        ids = self.jobs_under_way()
        dockered.ENGINE.freeze()
        try:
            # The service is not frozen with it.
            self.v1(200, "GET", "/v1/info")
            ids.append(self.start("@echo begun 3; sleep 2; echo done 3", limits=LONG))
            self.service.wait_for(lambda: self.v1(200, "GET", f"/v1/jobs/{ids[0]}?wait=5"))
        finally:
            dockered.ENGINE.thaw()
        self.each_ended_once(ids)
        self.recovers()

    def test_an_image_that_is_deleted_while_its_pool_is_warm(self):
        dockered.ENGINE.load("small")
        image = dockered.reference("small")
        pool = {"image": image, "vms": 1, "machine": {"memory_bytes": 64 << 20}}
        self.v1(200, "PUT", "/v1/pools", pool)
        self.service.wait_for(self.warm_containers)
        dockered.ENGINE.remove_image(image)
        try:
            body = dockered.v1_test.form({"name": "job", "image": image,
                                          "machine": pool["machine"]},
                                         [("Makefile", dockered.v1_test.HELLO)])
            answer = self.service.ask("POST", "/v1/jobs", body, {
                **dockered.v1_test.BEARER, **dockered.v1_test.form_type()})
            if answer.status == 422:
                self.assertIn("Image not found", " ".join(answer.json()["reasons"]))
            else:  # the warm one was good for it
                self.assertIn(self.ended(answer.json()["id"])["verdict"], ENDS)
            dockered.ENGINE.load("small")
            self.recovers(image)
        finally:
            self.v1(200, "PUT", "/v1/pools", {**pool, "vms": 0})


class SmallDisk(FaultTest):
    """An engine whose disk fills up."""

    CONFIG = CONFIG + 'idle_timeout = "1s"\n'
    stack = None
    engine = None
    root = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.root = pathlib.Path(cls.stack.enter_context(
            tempfile.TemporaryDirectory(prefix="tango-small-disk-")))
        daemon.mount_memory(cls.root, "64m")
        cls.stack.callback(daemon.unmount, cls.root)
        cls.engine = cls.stack.enter_context(
            daemon.DockerDaemon(dockered.ENGINE.cache, ["small"], data_root=cls.root))
        service.CONFIG = dockered.local_docker(cls.engine)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        service.CONFIG = dockered.local_docker(dockered.ENGINE)
        if cls.engine.containers():
            raise AssertionError("containers are left")

    def test_a_full_disk_fails_jobs_in_a_sentence_until_it_has_room(self):
        image = dockered.reference("small")
        self.recovers(image)
        self.service.wait_for(lambda: not self.engine.containers())  # their space is free again
        fill = self.root / "fill"
        with contextlib.suppress(OSError), open(fill, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        job = self.service.ask("GET", f"/v1/jobs/{self.submit(image=image, machine=OTHER)['id']}"
                               "?wait=30", headers=dockered.v1_test.BEARER).json()
        if job["state"] == "ended":
            self.assertEqual(job["verdict"], "internal_error", job)
            self.assertIn("no space left", " ".join(job["trace"]) + self.service.log())
        fill.unlink()
        self.assertIn(self.ended(job["id"])["verdict"], ENDS)
        self.recovers(image)


if __name__ == "__main__":
    dockered.run_tests("stock")
