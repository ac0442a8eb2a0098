#!/usr/bin/env python3
"""The Dockerfiles of scripts/images have their shape, and Debian 12 has their packages. Ends with
77 (skipped) where apt's lists cannot say so.

Usage: course_images_test.py [ROOT]
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import source_tree

SKIPPED = 77
ROOT = source_tree.root_from_arguments()
IMAGES = ROOT / "scripts" / "images"
BASE = "debian:12-slim"
COURSES = ("c", "java", "python")
INSTRUCTIONS = {"FROM", "RUN", "ENV", "WORKDIR", "COPY"}
# What brings in something else than the distribution's own, or is too much for an image of jobs.
BANNED = re.compile(r"\b(curl|wget|pip|npm|sudo|chmod|setcap)\b|\|\s*(ba)?sh\b|https?://")


def instructions(text):
    """(instruction, rest) of each, lines that go on joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(" ".join(line.split()).split(" ", 1))
            for line in joined.splitlines() if line.strip()]


def packages(text):
    """What apt-get installs."""
    found = re.search(r"apt-get install ([^&]*)&&", re.sub(r"\\\n", " ", text))
    return [word for word in found.group(1).split() if not word.startswith("-")] if found else []


def problems(text):
    """What is wrong with a Dockerfile's text, as sentences."""
    steps = instructions(text)
    named = packages(text)
    runs = [rest for name, *rest in steps if name == "RUN"]
    install = runs[0][0] if runs else ""
    checks = {
        f"it does not begin with FROM {BASE}": steps and steps[0] == ("FROM", BASE),
        "it is built in several stages": sum(name == "FROM" for name, *_ in steps) == 1,
        "it has an instruction that is not one of these": {name for name, *_ in steps}
                                                          <= INSTRUCTIONS,
        "it brings in what is not Debian's": not BANNED.search(text),
        "make is missing": "make" in named,
        "its packages are not in order": named == sorted(set(named)),
        "recommended packages come along": "--no-install-recommends" in install,
        "apt's lists stay in the layer": install.startswith("apt-get update &&") and
                                         install.endswith("rm -rf /var/lib/apt/lists/*"),
    }
    for user in ("autolab", "autograde"):
        added = re.search(rf"useradd --uid (\d+) --create-home --shell \S+ {user}\b", text)
        checks[f"it has no user {user} of an unusual number"] = \
            added and 65520 <= int(added.group(1)) <= 65533
    return [problem for problem, good in checks.items() if not good]


def known_packages(names):
    """Those of the names that apt could install from Debian 12's lists."""
    said = subprocess.run(["apt-cache", "policy", *names], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, check=False).stdout
    found = re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (\S+)", said, re.MULTILINE)
    return {name for name, candidate in found if candidate != "(none)"}


def is_debian_12():
    release = pathlib.Path("/etc/os-release")
    return release.exists() and 'VERSION_ID="12"' in release.read_text() and \
        shutil.which("apt-cache") is not None and known_packages(["make"]) == {"make"}


class CourseImages(unittest.TestCase):
    def test_there_is_one_for_each_course_and_the_readme_names_it(self):
        self.assertEqual(tuple(sorted(f.parent.name for f in IMAGES.glob("*/Dockerfile"))), COURSES)
        readme = (IMAGES / "README.md").read_text()
        for course in COURSES:
            self.assertIn(f"| `{course}`", readme)

    def test_each_has_the_shape(self):
        for course in COURSES:
            self.assertEqual(problems((IMAGES / course / "Dockerfile").read_text()), [], course)

    def test_a_dockerfile_that_is_spoilt_is_found(self):
        good = (IMAGES / "c" / "Dockerfile").read_text()
        for old, new in (("debian:12-slim", "debian"), ("      make \\\n", ""),
                         (" --no-install-recommends", ""), ("rm -rf /var/lib/apt/lists/*", "true"),
                         ("--uid 65533", "--uid 1001"), (" autograde", " student"),
                         ("ENV LANG", "ADD http://x/y /z\nENV LANG"),
                         ("WORKDIR", "RUN curl -s x | sh\nWORKDIR"), ("WORKDIR", "USER root\nRUN"),
                         ("      g++ \\\n", "      valgrind \\\n")):
            self.assertIn(old, good)
            self.assertNotEqual(problems(good.replace(old, new)), [], new)

    def test_debian_has_every_package(self):
        for course in COURSES:
            named = packages((IMAGES / course / "Dockerfile").read_text())
            self.assertEqual(set(named), known_packages(named), course)
        self.assertEqual(known_packages(["no-such-package-of-debian"]), set())


if __name__ == "__main__":
    if not is_debian_12():
        print("course_images: this is no Debian 12 with apt's lists")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
