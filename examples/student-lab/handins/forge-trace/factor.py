# Takes hold of every process that it can see, as a debugger does.
import ctypes
import os

PTRACE_ATTACH = 16
libc = ctypes.CDLL(None, use_errno=True)
traced = []
for pid in range(1, 4096):
    if pid != os.getpid() and libc.ptrace(PTRACE_ATTACH, pid, 0, 0) == 0:
        traced.append(pid)
    try:
        with open(f"/proc/{pid}/mem", "r+b"):
            traced.append(pid) if pid != os.getpid() else None
    except OSError:
        pass
print("traced:", traced)
