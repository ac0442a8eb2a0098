import sys

for line in sys.stdin  # Mistake: no colon.
    print(line)
