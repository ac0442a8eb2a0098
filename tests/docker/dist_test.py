#!/usr/bin/env python3
"""A service with two Docker hosts that are reached by ssh alone, and lose their engines, their
network and their sshd while jobs run: each job has one end, on the other host.

Usage: dist_test.py TANGO IMAGES [TEST ...]
"""

import contextlib
import json
import sys

import daemon
import dockered
import service
from dockered import DockerTest, reference

LONG = {"timeout_seconds": 100}
WHOLE = {"cpus": 1}
ENGINES = []
HOSTS = []


def dist_docker(network):
    """The head of a configuration, for a service with these hosts alone."""
    hosts = ", ".join(f'{{ name = "{host.name}", address = "ssh://{host.name}", cpus = 1, '
                      f'labels = ["of-the-tests"] }}' for host in network.hosts)
    return (f'default_vmms = "distDocker"\nvmms.sandbox.enabled = false\n'
            f"vmms.distDocker.enabled = true\n"
            f"vmms.distDocker.ssh_config = {json.dumps(str(network.config))}\n"
            f"vmms.distDocker.host = [{hosts}]\n"
            f'pools.backoff_min = "100ms"\npools.backoff_max = "1s"\n')


class DistTest(DockerTest):
    @classmethod
    def tearDownClass(cls):
        # What is left on a host goes when it is back, and that has to be seen before the end.
        cls.service.wait_for(cls.all_well, 90)
        service.WireTest.tearDownClass.__func__(cls)
        for engine in ENGINES:
            if engine.containers():
                raise AssertionError("containers are left")

    @classmethod
    def all_well(cls):
        answer = cls.service.get("v1", "hosts", slash=False,
                                 headers={"Authorization": f"Bearer {service.KEY}"})
        return all(not each["trouble"] for each in answer.json()["hosts"])

    def setUp(self):
        """Both hosts are well: each has a job of its own at once."""
        self.service.wait_for(self.both_run, 90)

    def both_run(self):
        ids = [self.start("@echo begun; sleep 30", limits=LONG, machine=WHOLE) for _ in HOSTS]
        try:
            for id in ids:
                self.begun(id)
            return {self.host_of(self.v1(200, "GET", f"/v1/jobs/{id}")) for id in ids} == {0, 1}
        except AssertionError:
            return False
        finally:
            for id in ids:
                self.service.post("cancel", service.KEY, str(id))

    def host_of(self, job):
        """The number of the host on which a job's container is; None: on none (any more)."""
        number = job["vm"].split("-")[1]
        for index, engine in enumerate(ENGINES):
            if engine.containers(tango__id=number):
                return index
        return None

    def job_somewhere(self, seconds=3):
        """A job that runs, and where: its id and its host's number."""
        id = self.start(f"@echo begun; sleep {seconds}; echo done", limits=LONG, machine=WHOLE)
        self.begun(id)
        return id, self.host_of(self.v1(200, "GET", f"/v1/jobs/{id}"))

    def ends_elsewhere(self, id):
        """The job was done again, and not where it was."""
        job = self.service.wait_for(
            lambda: (found := self.v1(200, "GET", f"/v1/jobs/{id}"))["state"] == "ended" and found,
            120)
        self.assertEqual((job["verdict"], job["retries"]), ("succeeded", 1), job)
        self.assertEqual(self.body(id), "begun\ndone\n")

    def reaped(self, index):
        """Of what ran there nothing is left, once the host is back."""
        self.service.wait_for(lambda: not ENGINES[index].containers(), 90)


class Spread(DistTest):
    def test_jobs_run_on_both_hosts_at_once(self):
        self.assertTrue(self.both_run())

    def test_an_image_that_one_host_has_is_used_there(self):
        ENGINES[1].load("small")
        image = reference("small")
        listed = {"vmms": "distDocker", "name": image, "hosts": [HOSTS[1].name]}
        self.service.wait_for(lambda: listed in self.v1(200, "GET", "/v1/images")["images"])
        ids = [self.start("@echo begun; sleep 1", image=image, machine=WHOLE) for _ in range(2)]
        for id in ids:
            self.begun(id)
            self.assertEqual(self.host_of(self.v1(200, "GET", f"/v1/jobs/{id}")), 1)
            job = self.ended(id)
            self.assertEqual((job["verdict"], job["retries"]), ("succeeded", 0), job)


class Lost(DistTest):
    def test_an_engine_that_is_killed(self):
        id, lost = self.job_somewhere()
        ENGINES[lost].kill()
        try:
            self.ends_elsewhere(id)
        finally:
            ENGINES[lost].start()
        self.reaped(lost)

    def test_a_host_that_is_cut_off(self):
        id, lost = self.job_somewhere(seconds=4)
        HOSTS[lost].cut_off()
        try:
            self.ends_elsewhere(id)
        finally:
            HOSTS[lost].start()
        self.reaped(lost)

    def test_a_host_that_is_away_from_the_start_is_taken_when_it_comes(self):
        self.service.stop()
        HOSTS[0].cut_off()
        try:
            self.service.start()
            job = self.ended(self.submit()["id"])
            self.assertEqual(job["verdict"], "succeeded", job)
        finally:
            HOSTS[0].start()

    def test_jobs_wait_while_no_host_is_there(self):
        for host in HOSTS:
            host.cut_off()
        id = self.submit()["id"]
        for host in HOSTS:
            host.start()
        self.assertIn(self.ended(id)["verdict"], ("succeeded", "internal_error"))


class Silent(DistTest):
    """A minute by itself: until ssh has missed enough answers."""

    def test_a_host_that_falls_silent(self):
        id, lost = self.job_somewhere(seconds=4)
        HOSTS[lost].freeze()
        try:
            self.ends_elsewhere(id)
        finally:
            HOSTS[lost].thaw()
        self.reaped(lost)


def main():
    cache = sys.argv.pop(2)
    with contextlib.ExitStack() as stack:
        try:
            daemon.own_mounts()
            for _ in range(2):
                ENGINES.append(stack.enter_context(daemon.DockerDaemon(cache, ["stock"])))
            network = stack.enter_context(daemon.SshHosts(ENGINES))
            HOSTS.extend(network.hosts)
            service.CONFIG = dist_docker(network)
            service.main()
        except daemon.CannotRun as why:
            print(f"skipped: {why}")
            sys.exit(daemon.SKIPPED)


if __name__ == "__main__":
    main()
