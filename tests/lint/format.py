#!/usr/bin/env python3
"""clang-format has nothing to change. `format.py --fix` lets it change what it wants to.

Usage: format.py [ROOT] [--fix]
"""

import shutil
import subprocess
import sys

import source_tree

TOOL = "clang-format-19"


def main():
    fix = "--fix" in sys.argv
    sys.argv = [a for a in sys.argv if a != "--fix"]
    root = source_tree.root_from_arguments()
    if shutil.which(TOOL) is None:
        source_tree.finish("format", [f"{TOOL} is missing: install the package of that name"], 1)
    files = [str(file) for file in source_tree.cpp_files(root)]
    if not files:
        source_tree.finish("format", [], 0)
    how = ["-i"] if fix else ["--dry-run", "-Werror"]
    done = subprocess.run([TOOL, "--style=file", *how, *files], check=False)
    problems = ["not formatted: ./dev fmt does it"] if done.returncode else []
    source_tree.finish("format", problems, len(files))


if __name__ == "__main__":
    main()
