"""Makes calls of the handin's functions.

Reads one call a line from standard input, as JSON: [function, arguments].
Answers each with one line on standard output, as JSON too: {"gave": value} or
{"raised": error}.
"""

import json
import os
import sys
import traceback


def main():
    # Keep standard output for the answers: what the handin prints itself goes
    # to standard error instead.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    import graph  # only now, for importing it runs the handin's code

    for line in sys.stdin:
        function, arguments = json.loads(line)
        try:
            gave = getattr(graph, function)(*arguments)
            answer = json.dumps({"gave": gave}, default=repr)
        except Exception as error:
            answer = json.dumps({"raised": describe(error)})
        print(answer, file=answers, flush=True)


def describe(error):
    """Says what went wrong, and in which line of which file."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}"
    return f"{what} ({os.path.basename(frame.filename)}, line {frame.lineno})"


main()
