"""Whether answers are what an OpenAPI document says: as much of JSON Schema as ours uses."""

import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
         "integer": int, "number": (int, float)}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# Keywords that say nothing about a value.
SILENT = {"description", "default", "contentMediaType"}


class Document:
    """One OpenAPI document."""

    def __init__(self, root):
        self.root = root

    def resolve(self, part):
        while "$ref" in part:
            found = self.root
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def operation(self, method, path):
        """(pattern, operation) of a request; a path that is fixed beats one with braces."""
        for pattern in sorted(self.root["paths"], key=lambda p: p.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                if method.lower() in self.root["paths"][pattern]:
                    return pattern, self.root["paths"][pattern][method.lower()]
        raise AssertionError(f"{method} {path} is not described")

    def problems_of_answer(self, method, path, status, kind, value):
        """What is wrong with an answer; `value` is its parsed body, or None for bytes."""
        pattern, operation = self.operation(method, path)
        described = operation["responses"].get(str(status))
        if described is None:
            return [f"{method} {pattern}: the status {status} is not described"]
        content = self.resolve(described)["content"]
        if kind not in content:
            return [f"{method} {pattern}: {kind} is not one of {list(content)}"]
        schema = content[kind].get("schema")
        return self.problems(schema, value, f"{method} {pattern} {status}") if schema else []

    def problems(self, schema, value, where):
        """What is wrong with a value, as a list of sentences."""
        schema = self.resolve(schema)
        if "oneOf" in schema:
            tries = [self.problems(each, value, where) for each in schema["oneOf"]]
            return [] if [] in tries else tries[0]
        found = []
        for keyword, rule in schema.items():
            check = getattr(self, "check_" + keyword, None)
            if check is None:
                if keyword not in SILENT:
                    raise AssertionError(f"{where}: the keyword {keyword} is not checked here")
            elif not check(rule, value, schema):
                found.append(f"{where}: {value!r} breaks {keyword} {rule!r}")
        if isinstance(value, dict):
            for name, inner in schema.get("properties", {}).items():
                if name in value:
                    found += self.problems(inner, value[name], f"{where}.{name}")
        if isinstance(value, list) and "items" in schema:
            for at, each in enumerate(value):
                found += self.problems(schema["items"], each, f"{where}[{at}]")
        return found

    def check_type(self, rule, value, _):
        names = rule if isinstance(rule, list) else [rule]
        if isinstance(value, bool):
            return "boolean" in names
        if isinstance(value, float) and value.is_integer() and "integer" in names:
            return True
        return any(isinstance(value, TYPES[name]) for name in names)

    def check_enum(self, rule, value, _):
        return value in rule

    def check_properties(self, *_):
        return True  # each is checked by itself

    check_items = check_properties

    def check_required(self, rule, value, _):
        return not isinstance(value, dict) or all(name in value for name in rule)

    def check_additionalProperties(self, rule, value, schema):
        return rule or not isinstance(value, dict) or set(value) <= set(schema["properties"])

    def check_minimum(self, rule, value, _):
        return not isinstance(value, (int, float)) or value >= rule

    def check_maximum(self, rule, value, _):
        return not isinstance(value, (int, float)) or value <= rule

    def check_exclusiveMinimum(self, rule, value, _):
        return not isinstance(value, (int, float)) or value > rule

    def check_minLength(self, rule, value, _):
        return not isinstance(value, str) or len(value) >= rule

    def check_maxLength(self, rule, value, _):
        return not isinstance(value, str) or len(value) <= rule

    def check_maxItems(self, rule, value, _):
        return not isinstance(value, list) or len(value) <= rule

    def check_pattern(self, rule, value, _):
        return not isinstance(value, str) or re.search(rule, value) is not None

    def check_format(self, rule, value, _):
        if not isinstance(value, str):
            return True
        if rule == "date-time":
            return TIME.fullmatch(value) is not None
        if rule == "uri-reference":
            return not re.search(r"[\s<>\"]", value)
        raise AssertionError(f"the format {rule} is not checked here")
