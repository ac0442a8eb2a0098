"""A region of EC2 for tests: endpoint.py as a process of its own, that ends with the test."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

ENDPOINT = pathlib.Path(__file__).parent / "endpoint.py"
DEADLINE_S = 60


class Region:
    """Its attributes are what endpoint.py says at first: ec2, control, metadata, ..."""

    def __init__(self, *options):
        # A Python that has botocore: Debian's.
        python = os.environ.get("TANGO_BOTOCORE_PYTHON", "/usr/bin/python3")
        self.process = subprocess.Popen([python, ENDPOINT, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the EC2 endpoint does not start")
        self.__dict__.update(json.loads(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends it; everything that it started is gone then."""
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()

    def say(self, verb, **fields):
        """One word of control.py; its answer."""
        request = urllib.request.Request(f"{self.control}/{verb}", json.dumps(fields).encode())
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as why:
            raise ValueError(f"{verb}: {json.load(why)['error']}") from None

    def instances(self, **fields):
        """Those that are not terminated."""
        return self.say("instances", **fields)["instances"]

    def instance(self, id):
        """What the endpoint knows of one, terminated or not."""
        return next(each for each in self.instances(all=True) if each["id"] == id)

    def violations(self, clear=False):
        return self.say("violations", clear=clear)["violations"]

    def calls(self, action=None, clear=False):
        """The calls of `action`, or all."""
        return [call for call in self.say("journal", clear=clear)["calls"]
                if action in (None, call["action"])]

    @staticmethod
    def wait_for(holds, what="it"):
        """Looks until `holds()` is true; its value."""
        give_up = time.monotonic() + DEADLINE_S
        while not (found := holds()):
            if time.monotonic() > give_up:
                raise AssertionError(f"{what} does not come true")
            time.sleep(0.01)
        return found

    def environment(self):
        """The variables by which AWS's own tools, and Tango, find it."""
        return {"AWS_ENDPOINT_URL_EC2": self.ec2, "AWS_REGION": self.region,
                "AWS_ACCESS_KEY_ID": self.access_key_id,
                "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata}


if __name__ == "__main__":
    with Region(*sys.argv[1:]) as region:
        print(json.dumps(region.environment(), indent=2), flush=True)
        sys.stdin.read()
