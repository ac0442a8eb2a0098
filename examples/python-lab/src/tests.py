"""The problems: for each its name, its points, and the calls to make, as
(function, arguments, right answer)."""

# a -> b -> d    and e apart
# a -> c -> d
DIAMOND = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": [], "e": []}

# a -> b -> c -> a, and c -> d
CYCLE = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": []}

# The long way round comes first: a -> b -> c -> d, and a -> d.
DETOUR = {"a": ["b", "d"], "b": ["c"], "c": ["d"], "d": []}

PROBLEMS = [
    ("Reverse", 20, [
        ("reverse", [{}], {}),
        ("reverse", [{"a": ["b"], "b": []}], {"a": [], "b": ["a"]}),
        ("reverse", [DIAMOND],
         {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": []}),
    ]),
    ("Reach", 30, [
        ("reach", [DIAMOND, "e"], ["e"]),
        ("reach", [DIAMOND, "a"], ["a", "b", "c", "d"]),
        ("reach", [CYCLE, "b"], ["a", "b", "c", "d"]),
    ]),
    ("Path", 30, [
        ("path", [CYCLE, "a", "a"], ["a"]),
        ("path", [CYCLE, "a", "d"], ["a", "b", "c", "d"]),
        ("path", [CYCLE, "d", "a"], None),
        ("path", [DETOUR, "a", "d"], ["a", "d"]),
    ]),
    ("Order", 20, [
        ("order", [{}], []),
        ("order", [DIAMOND], ["a", "b", "c", "d", "e"]),
        ("order", [{"a": [], "b": ["a"], "c": ["b"]}], ["c", "b", "a"]),
        ("order", [CYCLE], None),
    ]),
]
