"""Disk: bytes and files are bounded, wherever they lie and however they are hidden."""

from attack import Attack, all_refused, at_most, require, says

MIB = 1 << 20
BYTES = 16 * MIB
FILES = 500
OWN = 5  # folders that were there before the job
FOLDERS = {"localDocker": 4}  # file systems that have the limit each (docs/backends)
FULL = ("succeeded", "failed", "disk", "memory")


def uses_at_most(name, most, unit):
    def check(seen):
        number, bound = seen.usage(name), most * FOLDERS.get(seen.vmms, 1)
        require(number <= bound, f"{number} {unit}, of at most {bound}")
        return f"{number} {unit} of {bound}"
    return check


def fill(name, tries, script, holds=(), **more):
    return Attack(f"disk/{name}", tries, script, ends=FULL, programs=("greed",),
                  limits={"timeout_seconds": 10, "file_size_bytes": 1024 * MIB},
                  machine={"disk_bytes": BYTES, "inodes": FILES, "memory_bytes": 256 * MIB},
                  holds=(uses_at_most("disk_bytes", BYTES, "bytes"),
                         uses_at_most("disk_inodes", FILES + OWN, "files"), *holds), **more)


ATTACKS = [
    fill("large", "files without end in each folder that can be written",
         "for d in . .. /tmp /var/tmp /dev/shm; do head -c 64M /dev/zero >$d/$MARK; done 2>&1; "
         "cat ./$MARK ../$MARK /tmp/$MARK /var/tmp/$MARK /dev/shm/$MARK | wc -c | "
         "sed 's/^/total /'", over_ssh=True),
    fill("inodes", "small files without end",
         "for d in . /tmp /var/tmp /dev/shm; do i=0; while true >$d/$MARK.$i; do "
         "i=$((i+1)); done 2>/dev/null; echo made $i; done",
         holds=(at_most(r"^made (\d+)", FILES, "files"),),
         selected=True),
    fill("links", "names without end for one file",
         ": >f; i=0; while ln f f$i 2>/dev/null && [ $i -lt 5000 ]; do i=$((i+1)); done; "
         "echo made $i", holds=(at_most(r"^made (\d+)", FILES, "names"),)),
    fill("sparse", "files that are only large by name", "./greed sparse",
         holds=(all_refused(),)),
    fill("unlinked", "files that have no name any more", "./greed unlinked",
         holds=(at_most(r"^(\d+) bytes", BYTES, "bytes"),)),
    fill("attributes", "bytes in the attributes of files",
         "./greed attributes /tmp; ./greed attributes .",
         holds=(at_most(r"^(\d+) bytes", BYTES, "bytes"),)),
    Attack("disk/deep", "a tree so deep that its path has no name", "./greed deep", ends=FULL,
           programs=("greed",), machine={"inodes": 20000}, limits={"timeout_seconds": 10},
           holds=(at_most(r"^(\d+) deep", 20000, "folders"),), selected=True),
    Attack("disk/locked", "folders that nobody may enter", "mkdir -p a/b/c ../$MARK/x && touch "
           "a/b/c/f && chmod 0 a/b/c a/b a ../$MARK; chmod 0 . ..; echo done",
           holds=(says("done"),)),
    Attack("disk/one_file", "a file larger than one may be",
           "head -c 2000000 /dev/zero >f; wc -c <f", limits={"file_size_bytes": MIB},
           holds=(at_most(r"^(\d+)$", MIB, "bytes"),)),
]
