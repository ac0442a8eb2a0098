"""What the Describe actions have in common: filters, and pages."""

import fnmatch
import hashlib
import json
import re

from contract import Refusal

SIZE_MIN = 5  # of a page that is asked for


def matches(value, pattern):
    """Filters' wildcards are * and ?; [ is nothing special."""
    return fnmatch.fnmatchcase(value, re.sub(r"\[", "[[]", pattern))


def filtered(things, filters, fields):
    """Those of `things` that each filter lets through. `fields`: for each name of a filter, what
    gives the values (text) of a thing; `tags`, which all may have, are a thing's own."""
    for each in filters or ():
        name, wanted = each.get("Name"), each.get("Values")
        if not name or not wanted:
            raise Refusal("InvalidParameterValue", f"The filter {name!r} has no name or no values")
        if name.startswith("tag:"):
            values_of = _tag_values(name[4:])
        elif name == "tag-key":
            values_of = _tag_keys
        elif name in fields:
            values_of = fields[name]
        else:
            raise Refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
        things = [thing for thing in things
                  if any(matches(str(value), pattern)
                         for value in _several(values_of(thing)) for pattern in wanted)]
    return things


def _tag_values(key):
    return lambda thing: [thing.tags[key]] if key in thing.tags else []


def _tag_keys(thing):
    return list(thing.tags)


def _several(values):
    if values is None:
        return []
    return values if isinstance(values, (list, tuple, set)) else [values]


def page(things, params, size_max):
    """(one page of `things`, the token of the next or None). Tokens are good for the same request
    only. `size_max`: EC2 may give less than was asked for."""
    asked = params.get("MaxResults")
    if asked is not None and not SIZE_MIN <= asked <= 1000:
        raise Refusal("InvalidParameterValue",
                      f"Value ( {asked} ) for parameter maxResults is invalid. Expecting a value "
                      f"greater than or equal to {SIZE_MIN}.")
    rest = {name: value for name, value in params.items() if name != "NextToken"}
    of = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:32]
    begin, token = 0, params.get("NextToken")
    if token is not None:
        found = re.fullmatch(r"([0-9a-f]{32})\+/([0-9]+)==", token)
        if not found or found[1] != of:
            raise Refusal("InvalidNextToken", "The token is of another request")
        begin = int(found[2])
    end = begin + min(asked or len(things) or 1, size_max or len(things) or 1)
    return things[begin:end], f"{of}+/{end}==" if end < len(things) else None
