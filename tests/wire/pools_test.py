#!/usr/bin/env python3
"""pool, prealloc and build. Usage: pools_test.py TANGO"""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import unittest

import service
from service import IMAGE, KEY, VMMS, WireTest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Pools(WireTest):
    def prealloc(self, count, body=b"", method="POST", image=IMAGE, headers=None):
        return self.service.ask(method, service.path_of(("prealloc", KEY, image, str(count)), True),
                                body, headers or {})

    def pool(self, image=IMAGE):
        return self.service.get("pool", KEY, image).json()["pools"].get(image)

    def full(self, count):
        """Waits until so many VMs are free."""
        return self.service.wait_for(
            lambda: (pool := self.pool()) and len(pool["free"]) == count and pool)

    def tearDown(self):
        self.prealloc(0)


class Prealloc(Pools):
    def test_it_answers_at_once_and_the_pool_fills(self):
        self.told(self.prealloc(2, b"{}"), 0, "VMs preallocated")
        pool = self.full(2)
        self.assertEqual(pool["total"], pool["free"])
        self.assertTrue(all(id >= 1000 for id in pool["total"]), pool)

    def test_a_job_takes_a_vm_that_was_made_ahead(self):
        self.told(self.prealloc(1), 0, "VMs preallocated")
        ready = self.full(1)["free"]
        id, _ = self.service.run("lab", "@echo x", "ahead")
        job = self.service.job(id, dead=True)
        self.assertIn(job["vm"]["id"], ready)
        self.assertTrue(any("existing VM" in line for line in job["trace"]), job["trace"])

    def test_get_with_a_form_as_autolab_sends_it(self):
        for method in ("GET", "POST"):
            for body in (b"", b"vmms=localDocker&cores=1&memory=64", b"cores=&memory=",
                         b"vmms=local%44ocker&cores=1.5&memory=%36%34&x", b"&&=&"):
                answer = self.prealloc(0, body, method, headers=FORM)
                self.told(answer, 0, "VMs preallocated")

    def test_json_of_all_kinds(self):
        for body in ({}, {"vmms": "localDocker", "cores": 1, "memory": 64}, {"vmms": None},
                     {"cores": None, "memory": ""}, {"cores": "1", "memory": "64"},
                     {"cores": 0, "memory": 0, "unheard": 1}):
            self.told(self.prealloc(0, json.dumps(body)), 0, "VMs preallocated")

    def test_a_body_that_is_wrong(self):
        for body, field in ((b'{"cores":"x"}', "cores"), (b'{"memory":-1}', "memory"),
                            (b"memory=much", "memory"), (b"cores=-1", "cores"),
                            (b"cores=nan", "cores"), (b"memory=1e99", "memory"),
                            (b'{"vmms":1}', "vmms"), (b"{", "body"), (b'{"a":1,"a":2}', "twice"),
                            (b" " * 100_000, "body")):
            self.told(self.prealloc(1, body), -1, re.compile(field))

    def test_an_image_that_is_not_there(self):
        for image in ("nope", "a/b:c", "..", "x" * 300):
            self.told(self.prealloc(1, image=image), -1, "Invalid image name")

    def test_a_size_that_is_none_or_too_large(self):
        for count in ("x", "-1", "1.5", "9" * 30, "1000001"):
            self.told(self.prealloc(count), -1, "Invalid prealloc size")
        self.told(self.prealloc(1, b'{"memory": 900000000}'), -1, "Invalid prealloc size")

    def test_cores_and_memory_count_for_the_image_s_jobs(self):
        self.told(self.prealloc(1, b'{"cores": 1, "memory": 96}'), 0, "VMs preallocated")
        id, _ = self.service.run("lab", "@echo x", "special")
        vm = self.service.job(id, dead=True)["vm"]
        self.assertEqual((vm["cores"], vm["memory"]), (1, 96))
        # The last word on an image counts.
        self.told(self.prealloc(1, b'{"memory": 128}'), 0, "VMs preallocated")
        id, _ = self.service.run("lab", "@echo x", "changed")
        self.assertEqual(self.service.job(id, dead=True)["vm"]["memory"], 128)

    def test_it_survives_the_service(self):
        self.told(self.prealloc(1, b'{"memory": 112}'), 0, "VMs preallocated")
        before = self.full(1)["total"]
        self.service.kill()
        self.service.start()
        after = self.full(1)["total"]
        self.assertNotEqual(before, after)
        id, _ = self.service.run("lab", "@echo x", "survived")
        self.assertEqual(self.service.job(id, dead=True)["vm"]["memory"], 112)


class Pool(Pools):
    def test_all_pools_and_one(self):
        self.prealloc(1)
        self.full(1)
        everything = self.told(self.service.get("pool", KEY), 0, "Found all pools")
        self.assertEqual(list(everything["pools"][IMAGE]), ["total", "free"])
        one = self.told(self.service.get("pool", KEY, IMAGE), 0, "Found pool")
        self.assertEqual(list(one["pools"]), [IMAGE])

    def test_an_unknown_one_comes_with_all(self):
        self.prealloc(1)
        self.full(1)
        found = self.told(self.service.get("pool", KEY, "nope"), -1, "Pool not found")
        self.assertIn(IMAGE, found["pools"])


def static_root():
    """A tarball of a root file system: a shell script for make, on busybox if there is one."""
    busybox = subprocess.run(["which", "busybox"], capture_output=True, text=True,
                             check=False).stdout.strip()
    if not busybox or "statically" not in subprocess.run(
            ["file", "-L", busybox], capture_output=True, text=True, check=False).stdout:
        raise unittest.SkipTest("no static busybox to make an image of")
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        def add(name, content, mode):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
        with open(busybox, "rb") as file:
            add("bin/busybox", file.read(), 0o755)
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)
        add("usr/bin/make", b"#!/bin/sh\necho made in the image\n", 0o755)
    return target.getvalue()


def docker_save(layer):
    """What `docker save` writes of an image with that one layer."""
    target = io.BytesIO()
    config = json.dumps({"architecture": "amd64", "os": "linux",
                         "config": {}, "rootfs": {"type": "layers", "diff_ids": [
                             f"sha256:{hashlib.sha256(layer).hexdigest()}"]}}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["x:latest"],
                            "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in (("config.json", config), ("layer.tar", layer),
                              ("manifest.json", manifest)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


class Build(WireTest):
    def build(self, body, **headers):
        return self.service.post("build", KEY, body=body, headers=headers)

    def test_an_image_is_built_and_jobs_run_in_it(self):
        if os.uname().machine != "x86_64":
            self.skipTest("the image is amd64's")
        name = "team/built:1" if VMMS == "sandbox" else "team/built"  # Docker's are :latest
        archive = docker_save(static_root())
        self.told(self.build(archive, imageName=name), 0, "Docker image built")
        _, output = self.service.run("lab", "@true", "built", image=name)
        self.assertTrue(output.endswith(b"made in the image\n"), output)

    def test_what_is_no_image(self):
        for body in (b"", b"nonsense", docker_save(b"nonsense")):
            found = self.told(self.build(body, imageName="broken"), -1, "Image build failed")
            self.assertTrue(found["reason"])
        self.service.open("lab")
        self.assertIn("Image not found: broken", self.service.add("lab", image="broken").text()[0])

    def test_a_name_that_is_none(self):
        self.told(self.build(b"x"), -1, "Image build failed")
        for name in ("", "../x", "host", "a b"):
            self.told(self.build(b"x", imageName=name), -1, "Image build failed")


if __name__ == "__main__":
    service.main()
