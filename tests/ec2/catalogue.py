"""What a region has before anybody comes: types of instances, images, zones, networks."""

import dataclasses

import accounts

CANONICAL = "099720109477"
DEBIAN = "136693071363"
ROOT_DEVICE = "/dev/sda1"

SIZES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16}
BURSTABLE = {"nano": (2, 0.5), "micro": (2, 1), "small": (2, 2), "medium": (2, 4),
             "large": (2, 8), "xlarge": (4, 16), "2xlarge": (8, 32)}
# Gibibytes a core.
FAMILIES = {"c5": 2, "c6i": 2, "c6a": 2, "c7i": 2, "c7a": 2, "c7g": 2,
            "m5": 4, "m6i": 4, "m6a": 4, "m7i": 4, "m7a": 4, "m7g": 4, "r5": 8, "r6i": 8, "r7i": 8}
ARM = {"t4g", "c7g", "m7g"}
WITH_MEDIUM = {"c7a", "c7g", "m7a", "m7g"}  # one core


@dataclasses.dataclass(frozen=True)
class Type:
    name: str
    cores: int
    mebibytes: int
    architecture: str = "x86_64"
    spot_price: float = 0.0  # dollars an hour; below it nobody gets one


def all_types():
    table = {"t2.nano": (1, 0.5), "t2.micro": (1, 1), "t2.small": (1, 2), "t2.medium": (2, 4),
             "t2.large": (2, 8), "t2.xlarge": (4, 16), "t2.2xlarge": (8, 32)}
    for family in ("t3", "t3a", "t4g"):
        table.update({f"{family}.{size}": amounts for size, amounts in BURSTABLE.items()})
    for family, gibibytes in FAMILIES.items():
        if family in WITH_MEDIUM:
            table[f"{family}.medium"] = (1, gibibytes)
        for size, cores in SIZES.items():
            table[f"{family}.{size}"] = (cores, cores * gibibytes)
    return {name: Type(name, cores, int(gibibytes * 1024),
                       "arm64" if name.split(".", maxsplit=1)[0] in ARM else "x86_64",
                       round(0.003 * cores + 0.001 * gibibytes, 4))
            for name, (cores, gibibytes) in table.items()}


@dataclasses.dataclass
class Image:
    id: str
    name: str
    owner: str
    created: str
    architecture: str = "x86_64"
    state: str = "available"
    public: bool = True
    gibibytes: int = 8
    deprecated: str = "2030-01-01T00:00:00.000Z"
    tags: dict = dataclasses.field(default_factory=dict)
    # The path of a script, which does anew in each machine what was done in the one that the image
    # was made of.
    made_by: str = ""
    guest: bool = False  # its machines are QEMU guests


def all_images():
    noble = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{}-server-{}"
    images = [
        Image("ami-0a0000000000000e1", noble.format("amd64", "20260218"), CANONICAL,
              "2026-02-18T09:51:13.000Z"),
        Image("ami-0a0000000000000e2", noble.format("amd64", "20261104"), CANONICAL,
              "2026-11-04T07:12:40.000Z"),
        Image("ami-0a0000000000000e3", noble.format("amd64", "20261001.1"), CANONICAL,
              "2026-10-01T22:02:02.000Z"),
        Image("ami-0a0000000000000e4", noble.format("arm64", "20261104"), CANONICAL,
              "2026-11-04T07:15:19.000Z", architecture="arm64"),
        Image("ami-0a0000000000000e5", noble.format("amd64", "20261120"), CANONICAL,
              "2026-11-20T01:00:00.000Z", state="pending"),
        # Anybody may call an image of their own as they like.
        Image("ami-0a0000000000000e6", noble.format("amd64", "20261123"), accounts.OTHER,
              "2026-11-23T00:00:00.000Z"),
        Image("ami-0a0000000000000d1", "debian-12-amd64-20261012-1897", DEBIAN,
              "2026-10-12T10:10:10.000Z"),
        Image("ami-4c99c35b", "autolab-autograde", accounts.OWN, "2016-12-01T00:00:00.000Z",
              public=False),
        Image("ami-0a00000000000000c", "course", accounts.OWN, "2026-09-01T00:00:00.000Z",
              public=False, gibibytes=20),
    ]
    return {image.id: image for image in images}


@dataclasses.dataclass
class Subnet:
    id: str
    vpc: str
    zone: str
    default: bool
    cidr: str
    tags: dict = dataclasses.field(default_factory=dict)


class Network:
    """The networks of an account: the default one with a subnet in every zone, and a private one
    with a single subnet."""

    def __init__(self, region, number):
        self.zones = [region + letter for letter in "abc"]
        self.vpc, self.private_vpc = f"vpc-{number:08x}", f"vpc-{number + 1:08x}"
        self.subnets = {}
        for n, zone in enumerate(self.zones):
            self.add(Subnet(f"subnet-{number + n:08x}", self.vpc, zone, True,
                            f"172.31.{16 * n}.0/20"))
        self.add(Subnet(f"subnet-{number + 9:08x}", self.private_vpc, self.zones[1], False,
                        "10.0.0.0/24"))

    def add(self, subnet):
        self.subnets[subnet.id] = subnet
