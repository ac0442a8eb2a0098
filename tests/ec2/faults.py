"""Answers that tests have asked for in place of the true ones."""

import dataclasses

# What each does with a call: "error" is answered with code and status; "hang" never; "cut" ends the
# connection without an answer; "lost" the same, but what was asked for has been done; "garbage" is
# no XML; "html" is what proxies say; "truncated" is half of the true answer; "slow" comes later.
KINDS = {"error", "hang", "cut", "lost", "garbage", "html", "truncated", "slow"}
DONE_ALL_THE_SAME = {"lost", "truncated", "slow"}


@dataclasses.dataclass
class Fault:
    action: str  # "*": any
    kind: str = "error"
    count: int = 1  # how many calls it has; -1: all
    skip: int = 0  # how many calls before them are answered truly
    code: str = "InternalError"
    message: str = "An internal error has occurred"
    status: int = 500
    delay_s: float = 0.0  # of "slow"

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"no kind of fault: {self.kind}")


class Faults:
    def __init__(self):
        self.planned = []

    def take(self, action):
        """The fault that the next call of `action` has, or None."""
        for fault in self.planned:
            if fault.action not in ("*", action) or fault.count == 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.count > 0:
                fault.count -= 1
            return fault
        return None
