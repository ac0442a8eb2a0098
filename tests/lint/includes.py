#!/usr/bin/env python3
"""Who may include whom: the architecture, as a check over the #include lines.

Usage: includes.py [ROOT]
"""

import pathlib
import re

import source_tree

# One row a folder of src/, in the order in which they stand on each other. A file takes the first
# row that its path begins with; it may include its own folder and what the row names: a folder (all
# beneath it), or a file or pattern of one folder.
ALLOWED = {
    "base": [],
    "model": ["base"],
    "async": ["base"],
    "sandbox": ["base"],
    "images": ["base", "model"],
    "http": ["base", "async"],
    "aws": ["base", "async", "http/client*.hpp"],
    "store": ["base", "model", "async"],
    "files": ["base", "model", "async"],
    "drive": ["base", "model", "async"],
    "vmms/sandbox": ["base", "model", "async", "vmms/*.hpp", "sandbox", "images"],
    "vmms/ssh": ["base", "model", "async", "vmms/*.hpp"],
    "vmms/driven": ["base", "model", "async", "vmms/*.hpp", "drive"],
    "vmms/docker": ["base", "model", "async", "vmms/*.hpp", "vmms/ssh", "vmms/driven", "drive",
                    "http/client*.hpp", "images/archive_reader.hpp", "images/docker_archive.hpp"],
    "vmms/remote": ["base", "model", "async", "vmms/*.hpp", "vmms/ssh", "vmms/driven", "drive"],
    "vmms/ec2": ["base", "model", "async", "vmms/*.hpp", "vmms/ssh", "vmms/remote", "aws",
                 "http/client*.hpp"],
    "vmms/BACKEND": ["base", "model", "async", "vmms/*.hpp", "vmms/ssh", "vmms/driven",
                     "vmms/remote", "drive", "http/client*.hpp"],
    "vmms": ["base", "model", "async"],
    "pool": ["base", "model", "async", "vmms/*.hpp"],
    "scheduler": ["base", "model", "async", "vmms/*.hpp", "store/job_store.hpp", "files", "pool"],
    "notify": ["base", "model", "async", "http/client*.hpp", "store/job_store.hpp"],
    "history": ["base", "async", "store/job_store.hpp", "files"],
    "config": ["base", "model", "http/server.hpp", "pool/pools.hpp", "scheduler/scheduler.hpp",
               "notify/notifier.hpp", "vmms/docker/engine_address.hpp"],
    "api": ["base", "model", "async", "config", "http", "store/job_store.hpp", "files",
            "vmms/*.hpp", "pool", "scheduler", "notify"],
}

# Libraries that only one folder may know; the rest of the code has that folder's face instead.
CONFINED = {
    "boost/beast": ["src/http", "bench", "tests"],
    "CLI/": ["apps"],
    "toml++": ["src/config"],
    "sqlite3.h": ["src/store", "tests"],
    "pugixml.hpp": ["src/vmms/ec2"],
    "archive.h": ["src/base", "src/images", "tests"],
}

# Where `#include "folder/file.hpp"` is looked for.
ROOTS = {
    "src": ["src"],
    "apps": ["src", "apps"],
    "tests": ["src", "apps", "tests"],
    "bench": ["src", "bench", "tests"],
}

QUOTED = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ANGLED = re.compile(r"^\s*#\s*include\s*<([^>]+)>")


def row_of(path):
    """The row of ALLOWED for a file of src/, given as "folder/file.hpp"; None if there is none."""
    parts = path.split("/")
    for row in ALLOWED:
        names = row.split("/")
        if len(parts) > len(names) and all(n in (p, "BACKEND") for n, p in zip(names, parts)):
            return row
    return None


def own_folder(path, row):
    """The folder that a file calls its own: as deep as its row."""
    return "/".join(path.split("/")[: row.count("/") + 1])


def permits(entry, target):
    if "*" in entry or entry.endswith(".hpp"):
        return pathlib.PurePosixPath("/" + target).match("/" + entry)
    return target.startswith(entry + "/")


def may_include(path, target):
    row = row_of(path)
    own = own_folder(path, row)
    if row == "vmms":  # what all backends share does not know a backend
        return target.count("/") == 1 and target.startswith("vmms/") or any(
            permits(entry, target) for entry in ALLOWED[row])
    return target.startswith(own + "/") or any(permits(e, target) for e in ALLOWED[row])


def includes_of(file):
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        if quoted := QUOTED.match(line):
            yield number, '"', quoted.group(1)
        elif angled := ANGLED.match(line):
            yield number, "<", angled.group(1)


def check_external(where, relative, target):
    for library, homes in CONFINED.items():
        if target.startswith(library) and not any(relative.startswith(h + "/") for h in homes):
            yield f"{where}: <{target}> is for {', '.join(homes)} only"


def check_own(root, where, relative, target, graph):
    """Problems of one `#include "..."`; notes the edge in the graph."""
    top = relative.split("/")[0]
    found = [r for r in ROOTS[top] if (root / r / target).is_file()]
    if "/" not in target or target.startswith(".") or not found:
        yield f'{where}: "{target}" is no file by its full path ("folder/name.hpp")'
        return
    graph.setdefault(relative, []).append(f"{found[0]}/{target}")
    if top == "src":
        path = relative.removeprefix("src/")
        if row_of(path) is not None and not may_include(path, target):
            yield f'{where}: {own_folder(path, row_of(path))} may not include "{target}"'


def cycle_in(graph):
    """One cycle of the graph as a list of nodes, or nothing."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for target in graph.get(node, []):
            if found := visit(target):
                return found
        trail.pop()
        done.add(node)
        return None

    for node in sorted(graph):
        if found := visit(node):
            return found
    return None


def folder_graph(graph):
    """The same graph between the folders of src/, as fine as the rows of ALLOWED."""
    def folder(file):
        path = file.removeprefix("src/")
        row = row_of(path)
        return own_folder(path, row) if file.startswith("src/") and row else None

    folders = {}
    for file, targets in graph.items():
        for target in targets:
            ends = folder(file), folder(target)
            if None not in ends and ends[0] != ends[1]:
                folders.setdefault(ends[0], []).append(ends[1])
    return folders


def main():
    root = source_tree.root_from_arguments()
    problems, graph, checked = [], {}, 0
    for file in source_tree.cpp_files(root):
        checked += 1
        relative = file.relative_to(root).as_posix()
        if relative.startswith("src/") and row_of(relative.removeprefix("src/")) is None:
            problems.append(f"{relative}: its folder has no row in tests/lint/includes.py")
        for number, kind, target in includes_of(file):
            where = f"{relative}:{number}"
            if kind == "<":
                problems.extend(check_external(where, relative, target))
            else:
                problems.extend(check_own(root, where, relative, target, graph))
    for found in (cycle_in(graph), cycle_in(folder_graph(graph))):
        if found:
            problems.append("a cycle of includes: " + " -> ".join(found))
    source_tree.finish("includes", problems, checked)


if __name__ == "__main__":
    main()
