"""botocore's own client as the caller of the test endpoint."""

import unittest
import urllib.error
import urllib.request

import botocore.config
import botocore.exceptions
import botocore.session

import region as regions

AMI = "ami-0a0000000000000e2"
MESSAGE = b"Action=DescribeInstances&Version=2016-11-15"
SESSION = botocore.session.Session()
# No files of whoever runs this.
SESSION.set_config_variable("config_file", "/dev/null")
SESSION.set_config_variable("credentials_file", "/dev/null")


class EndpointTest(unittest.TestCase):
    """Tests that share an endpoint, and each find it as new."""

    OPTIONS = ["--no-machines"]

    @classmethod
    def setUpClass(cls):
        cls.region = regions.Region(*cls.OPTIONS)
        cls.addClassCleanup(cls.region.close)

    def setUp(self):
        self.region.say("reset")
        self.region.say("set", pending_s=0, shutting_down_s=0)
        self.ec2 = self.client()

    def client(self, access_key_id=None, secret=None, token=None, region=None):
        made = SESSION.create_client(
            "ec2", region_name=region or self.region.region, endpoint_url=self.region.ec2,
            aws_access_key_id=access_key_id or self.region.access_key_id,
            aws_secret_access_key=secret or self.region.secret_access_key,
            aws_session_token=token,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=1))
        self.addCleanup(made.close)
        return made

    def other(self):
        """A client of another account."""
        key = self.region.other
        return self.client(key["access_key_id"], key["secret_access_key"])

    def refused(self, code, call, **params):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**params)
        error = caught.exception.response
        self.assertEqual(error["Error"]["Code"], code, error)
        return error

    def run_one(self, **params):
        answer = self.ec2.run_instances(**{"ImageId": AMI, "InstanceType": "t3.small",
                                           "MinCount": 1, "MaxCount": 1, **params})
        return answer["Instances"][0]

    def state(self, id):
        answer = self.ec2.describe_instances(InstanceIds=[id])
        return answer["Reservations"][0]["Instances"][0]["State"]["Name"]

    def becomes(self, id, state):
        self.region.wait_for(lambda: self.state(id) == state, f"{id} {state}")

    def post(self, body=MESSAGE, headers=None, path="/"):
        """The status of a request that no client of botocore's would send."""
        request = urllib.request.Request(self.region.ec2 + path, body, headers or {
            "Content-Type": "application/x-www-form-urlencoded"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as why:
            why.close()
            return why.code
