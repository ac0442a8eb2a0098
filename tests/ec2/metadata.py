"""The metadata service of an instance (version 2 alone) on which a service could run: the keys of
its role, and where it is."""

import json
import secrets
import time

ROLE = "tango-role"


class Metadata:
    """Answers (status, text)."""

    def __init__(self, world):
        self.world, self.tokens = world, {}
        self.access_key_id = None  # the role's; None: the instance has no role
        self.calls = []

    def put(self, path, headers):
        self.calls.append(f"PUT {path}")
        seconds = headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if path != "/latest/api/token" or "X-Forwarded-For" in headers:
            return 403, "forbidden"
        if not seconds.isdigit() or not 1 <= int(seconds) <= 21600:
            return 400, "bad request"
        token = secrets.token_urlsafe(40)
        self.tokens[token] = time.monotonic() + int(seconds)
        return 200, token

    def get(self, path, headers):
        self.calls.append(f"GET {path}")
        token = headers.get("X-aws-ec2-metadata-token", "")
        if self.tokens.get(token, 0) < time.monotonic():
            return 401, "unauthorized"
        key = self.world.accounts.keys.get(self.access_key_id)
        zone = self.world.region + "a"
        document = {"region": self.world.region, "availabilityZone": zone}
        answers = {"/latest/meta-data/placement/region": self.world.region,
                   "/latest/meta-data/placement/availability-zone": zone,
                   "/latest/dynamic/instance-identity/document": json.dumps(document)}
        if key:
            folder = "/latest/meta-data/iam/security-credentials/"
            answers[folder] = answers[folder.rstrip("/")] = ROLE
            answers[folder + ROLE] = json.dumps({
                "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key.access_key_id,
                "SecretAccessKey": key.secret, "Token": key.token or "",
                "LastUpdated": self._stamp(self.world.now()),
                "Expiration": self._stamp(key.expires or self.world.now() + 6 * 3600)})
        return (200, answers[path]) if path in answers else (404, "not found")

    @staticmethod
    def _stamp(seconds):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
