"""A service whose jobs run in Docker engines, as tests of it use it: v1's requests, each answer
held against the service's own document, and engines of the tests' own."""

import json
import pathlib
import sys

for folder in ("wire", "serve"):
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / folder))
# pylint: disable=wrong-import-position
import daemon
import images
import service
import v1_test

STOCK = "tango-test-stock"
COURSE = "tango-test-course"

ENGINE = None  # the one engine of a program that needs no others


def local_docker(engine, **keys):
    """The head of a configuration, for a service with this engine alone."""
    lines = ['default_vmms = "localDocker"', "vmms.sandbox.enabled = false",
             "vmms.localDocker.enabled = true",
             f"vmms.localDocker.address = {json.dumps(engine.address)}"]
    lines += [f"vmms.localDocker.{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join([*lines, ""])


def run_tests(*loaded):
    """Runs the tests of the program FILE TANGO IMAGES [TEST ...], with one engine for all."""
    global ENGINE
    cache = sys.argv.pop(2)
    try:
        daemon.own_mounts()
        with daemon.DockerDaemon(cache, loaded) as ENGINE:
            service.CONFIG = local_docker(ENGINE)
            service.main()
    except daemon.CannotRun as why:
        print(f"skipped: {why}")
        sys.exit(daemon.SKIPPED)


class DockerTest(v1_test.V1Test):
    """Tests that share a service, and none of whose containers is left at the end."""

    ENGINE_BREAKS = False

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        left = ENGINE.containers()
        if left:
            raise AssertionError(f"containers are left: {[each['Names'] for each in left]}")
        # One that ends while it makes a container forgets the volumes that it had made for it.
        if not cls.ENGINE_BREAKS and ENGINE.volumes():
            raise AssertionError("volumes are left")

    def submit(self, makefile=v1_test.HELLO, files=(), status=201, **fields):
        return super().submit(makefile, files, status, **{"image": STOCK, **fields})

    def start(self, recipe, files=(), **fields):
        """A job whose Makefile has that recipe; its id."""
        return self.submit(f"all:\n\t{recipe}\n".encode(), files, **fields)["id"]

    def script(self, text, **fields):
        """A job that is this shell script; its id."""
        return self.start("@sh ./script", [("script", text.encode())], **fields)

    def body(self, id):
        """What an ended job wrote."""
        answer = self.output(id)
        head = int(answer.headers["Tango-Output-Head-Bytes"])
        return answer.body[head:].decode(errors="replace")

    def result(self, id):
        """(record, what it wrote) of a job, at its end."""
        job = self.ended(id)
        return job, self.body(id)

    def begun(self, id, word="begun"):
        """Waits until the job has written `word`."""
        def written():
            answer = self.output(id, wait=1)
            found = word.encode() in answer.body
            self.assertTrue(found or answer.headers["Tango-Output"] != "final", answer.body)
            return found
        self.service.wait_for(written)
        # The record follows what is seen live.
        self.service.wait_for(lambda: self.v1(200, "GET", f"/v1/jobs/{id}")["vm"])

    def succeeds(self, image=STOCK, engine_output="hello\n"):
        """A plain job goes well."""
        job, text = self.result(self.submit(image=image)["id"])
        self.assertEqual(job["verdict"], "succeeded", job)
        self.assertEqual(text, engine_output)
        return job

    def container_of(self, job, engine=None):
        """The container in which a running job is."""
        number = job["vm"].split("-")[1]
        found = (engine or ENGINE).containers(tango__id=number)
        self.assertEqual(len(found), 1, found)
        return found[0]


def reference(name):
    """The full name of one of images.py's."""
    return images.reference(name)
