#!/usr/bin/env python3
"""shellcheck finds nothing in our shell scripts. Ends with 77 (skipped) where it is missing.

Usage: shell.py [ROOT]
"""

import shutil
import subprocess
import sys

import source_tree

SKIPPED = 77


def run(root, arguments, wanted):
    return not wanted or subprocess.run(["shellcheck", *arguments], cwd=root,
                                        check=False).returncode == 0


def main():
    root = source_tree.root_from_arguments()
    if shutil.which("shellcheck") is None:
        print("shell: shellcheck is not installed")
        sys.exit(SKIPPED)
    files = [f for f in source_tree.all_files(root)
             if f.suffix == ".sh" or source_tree.is_script(f, ("bash", "/sh"))]
    names = [f.relative_to(root).as_posix() for f in files]
    # A part that others source has no `#!`; it uses and sets variables of theirs.
    programs = [n for n, f in zip(names, files) if source_tree.begins_as_script(f)]
    parts = [n for n in names if n not in programs]
    content = run(root, ["-x", *programs], bool(programs))
    content &= run(root, ["-s", "bash", "-e", "SC2034,SC2154", *parts], bool(parts))
    problems = [] if content else ["shellcheck is not content"]
    source_tree.finish("shell", problems, len(names))


if __name__ == "__main__":
    main()
