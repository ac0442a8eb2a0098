"""EC2's actions by name. Each takes the world, the caller's account and the parameters (typed, as
the contract read them), and returns the answer as botocore's clients return it, or raises Refusal.
"""

import re

from contract import Refusal

ACTIONS = {}


def action(*understood):
    """Declares an action, and which parameters it understands: what the endpoint would ignore, it
    refuses."""
    def declare(function):
        name = "".join(part.capitalize() for part in function.__name__.split("_"))

        def checked(world, owner, params):
            for param in params:
                if param not in understood and param != "DryRun":
                    raise Refusal("UnsupportedOperation",
                                  f"this endpoint knows nothing of {param} in {name}")
            if params.get("DryRun"):
                raise Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag "
                              "is set.", 412)
            return function(world, owner, params)

        ACTIONS[name] = checked
        return function
    return declare


def tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def read_tags(pairs):
    """A dict of a request's tags, within EC2's limits."""
    tags = {}
    for pair in pairs:
        key, value = pair.get("Key", ""), pair.get("Value", "")
        if not key or key.startswith("aws:"):
            raise Refusal("InvalidParameterValue",
                          f"Tag keys starting with 'aws:' are reserved, and none is empty: {key!r}")
        if len(key) > 128 or len(value) > 256:
            raise Refusal("InvalidParameterValue",
                          f"Tag {key[:32]!r} exceeds 128 or 256 characters")
        if key in tags:
            raise Refusal("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        tags[key] = value
    if len(tags) > 50:
        raise Refusal("TagLimitExceeded", "More than 50 tags")
    return tags


def specified_tags(params, *kinds):
    """For each kind of resource, the tags that TagSpecifications have for it."""
    found = {}
    for each in params.get("TagSpecifications", ()):
        kind = each.get("ResourceType")
        if kind not in kinds:
            raise Refusal("InvalidParameterValue",
                          f"'{kind}' is not a valid taggable resource type for this operation.")
        if kind in found:
            raise Refusal("InvalidParameterValue", f"Duplicate resource type {kind}")
        found[kind] = read_tags(each.get("Tags", ()))
    return found


def named(things, ids, kind, code):
    """Those of the dict `things` that `ids` name, or all; an unknown one is an error."""
    if not ids:
        return list(things.values())
    for each in ids:
        if not re.fullmatch(kind + "-[0-9a-f]{8}(?:[0-9a-f]{9})?", each):
            raise Refusal(f"{code}.Malformed", f'Invalid id: "{each}" (expecting "{kind}-...")')
        if each not in things:
            raise Refusal(f"{code}.NotFound", f"The ID '{each}' does not exist")
    return [things[each] for each in ids]
