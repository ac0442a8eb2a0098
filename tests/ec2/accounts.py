"""The accounts that the endpoint knows, and the keys by which they are reached."""

import dataclasses

OWN = "111122223333"
OTHER = "444455556666"


@dataclasses.dataclass
class Key:
    access_key_id: str
    secret: str
    account: str
    token: str | None = None  # of temporary ones
    expires: float | None = None  # seconds since 1970
    expired_code: str = "RequestExpired"
    denied: frozenset = frozenset()  # actions that its user has no right to


class Accounts:
    def __init__(self):
        self.keys = {}
        self.profiles = {OWN: {"jobs"}}  # names of IAM instance profiles
        self.put(Key("AKIATANGOTEST0000001", "own+secret/of40characters0123456789abcde", OWN))
        self.put(Key("AKIATANGOTEST0000002", "other+secret/40characters0123456789abcde", OTHER))

    def put(self, key):
        """Makes a key known, or changes it."""
        self.keys[key.access_key_id] = key
