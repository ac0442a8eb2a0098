"""The region's state: what exists, and how it goes on with time."""

import dataclasses
import ipaddress
import secrets
import threading
import time

import accounts
import catalogue
import machines

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64,
          "stopped": 80}


def new_id(kind):
    return f"{kind}-0{secrets.token_hex(8)}"


@dataclasses.dataclass
class Settings:
    """What tests set by the control's verb `set`; all times in seconds."""

    pending_s: float = 0.1  # until an instance runs
    shutting_down_s: float = 0.05  # until it is terminated
    invisible_s: float = 0.0  # for which a new id is not found
    console_s: float = 0.0  # until the console's output is to be had
    terminated_kept_s: float = 3600.0  # for which a terminated instance is listed
    page: int = 0  # most things an answer has; 0: as many as were asked for
    clock_off_s: float = 0.0  # the endpoint's clock before the machine's
    minute_s: float = 60.0  # of the machines' `shutdown -P +MINUTES`
    instances_max: int = 100
    client_address: str = "127.0.0.1"  # whom security groups see, and check-ip tells


@dataclasses.dataclass
class Group:
    """A security group."""

    id: str
    name: str
    description: str
    vpc: str
    tags: dict
    rules: list = dataclasses.field(default_factory=list)  # (protocol, from, to, cidr, text)

    def lets_in(self, address, port):
        return any(protocol == "-1" or protocol == "tcp" and first <= port <= last
                   for protocol, first, last, cidr, _ in self.rules
                   if ipaddress.ip_address(address) in ipaddress.ip_network(cidr))


@dataclasses.dataclass
class KeyPair:
    id: str
    name: str
    fingerprint: str
    public: str
    kind: str
    created: float
    tags: dict


@dataclasses.dataclass
class Instance:
    """Times are those of time.monotonic, but for `launched`."""

    id: str
    account: str
    reservation: str
    index: int
    image: catalogue.Image
    type: catalogue.Type
    subnet: catalogue.Subnet
    groups: list
    key: KeyPair | None
    tags: dict
    launched: float
    visible_at: float
    running_at: float | None  # None: never
    public: bool = True  # whether it has a public address
    user_data: bytes = b""
    token: str = ""
    spot: bool = False
    ends_by_shutdown: bool = False
    tokens_required: bool = False
    profile: str = ""
    volume: str = ""
    gibibytes: int = 8
    volume_goes: bool = True
    protected: bool = False  # from being terminated
    state: str = "pending"
    due: float | None = None  # when shutting-down is terminated
    ended: float | None = None
    reason: str = ""
    state_reason: tuple | None = None
    address: machines.Address | None = None
    shown_address: str | None = None  # instead of its own
    machine: machines.Machine | None = None
    fixed_console: bytes | None = None

    def public_address(self):
        if self.state not in ("running", "stopping", "shutting-down") or not self.public:
            return None
        if self.shown_address is not None:
            return self.shown_address or None
        return self.address.text if self.address else None


class Account:
    """What belongs to one account."""

    def __init__(self, number, region):
        self.number = number
        self.network = catalogue.Network(region, secrets.randbelow(1 << 31))
        self.keys = {}
        self.groups = {}
        self.volumes_left = []
        self.tokens = {}  # client token -> (parameters, ids)
        for vpc in (self.network.vpc, self.network.private_vpc):
            group = Group(new_id("sg"), "default", "default VPC security group", vpc, {})
            self.groups[group.id] = group


class World:
    """All state, under one lock. A thread of its own lets instances go from state to state, and
    starts their machines."""

    def __init__(self, region, ssh_port, folder, user):
        self.region, self.ssh_port, self.folder, self.user = region, ssh_port, folder, user
        self.lock = threading.Condition()
        self.instances = {}
        self.reset()
        self.closing = False
        self.thread = threading.Thread(target=self._live)
        self.thread.start()

    def reset(self):
        """As it was at first: nobody has made anything. To be called under the lock."""
        self._switch_off()
        self.settings = Settings()
        self.accounts = accounts.Accounts()
        self.owners = {number: Account(number, self.region)
                       for number in (accounts.OWN, accounts.OTHER)}
        self.types = catalogue.all_types()
        self.images = catalogue.all_images()
        self.instances = {}
        self.capacity = {}  # (type or "*", zone or "*") -> how many more
        self.unsupported = set()  # (type, zone)
        self.stuck = 0  # how many of the next instances never leave pending

    def now(self):
        """The endpoint's own idea of the time, in seconds since 1970."""
        return time.time() + self.settings.clock_off_s

    def close(self):
        with self.lock:
            self.closing = True
            self.lock.notify_all()
        self.thread.join()

    def add(self, instance):
        if self.folder:
            instance.address = machines.Address(self.ssh_port)
        self.instances[instance.id] = instance
        self.lock.notify_all()

    def terminate(self, instance, code="Client.UserInitiatedShutdown",
                  message="User initiated shutdown"):
        """Begins the end of an instance."""
        if instance.state in ("shutting-down", "terminated"):
            return
        when = time.strftime("%Y-%m-%d %H:%M:%S GMT", time.gmtime(self.now()))
        instance.state, instance.due = "shutting-down", self._in(self.settings.shutting_down_s)
        instance.reason = f"{message} ({when})"
        instance.state_reason = (code, f"{code}: {message}")
        if instance.machine:
            instance.machine.stop()
        self.lock.notify_all()

    def reachable(self, instance):
        """Whether the instance's security groups let ssh in from the tests' address."""
        return any(group.lets_in(self.settings.client_address, self.ssh_port)
                   for group in instance.groups)

    def image_list(self, owner):
        return [image for image in self.images.values() if image.public or image.owner == owner]

    @staticmethod
    def _in(seconds):
        return time.monotonic() + seconds

    def _switch_off(self):
        """Ends all machines."""
        running = [each.machine for each in self.instances.values() if each.machine]
        for machine in running:
            machine.stop()
        for machine in running:
            machine.remove()
        for each in self.instances.values():
            if each.address:
                each.address.release()

    def _live(self):
        with self.lock:
            while not self.closing:
                now = time.monotonic()
                deadlines = [self._go_on(each, now) for each in list(self.instances.values())]
                soonest = min((each for each in deadlines if each is not None), default=None)
                self.lock.wait(None if soonest is None else max(0.001, soonest - time.monotonic()))
            self._switch_off()

    def _go_on(self, instance, now):
        """Lets one instance do what is due; when it is to be looked at again."""
        if instance.state == "pending":
            if instance.running_at is None or now < instance.running_at:
                return instance.running_at
            instance.state = "running"
        if instance.state == "running":
            if instance.machine is None and self.folder and self.reachable(instance):
                self._boot(instance)
            if instance.machine and instance.machine.ended:
                self._ended_by_itself(instance)
        if instance.state == "stopping":
            instance.state = "stopped"
        if instance.state == "shutting-down":
            if instance.machine and not instance.machine.ended:
                return None
            if now < instance.due:
                return instance.due
            self._terminated(instance, now)
        if instance.state == "terminated":
            forget = instance.ended + self.settings.terminated_kept_s
            if now < forget:
                return forget
            del self.instances[instance.id]
        return None

    def _boot(self, instance):
        key = instance.key.public if instance.key else "# none\n"
        instance.machine = machines.Machine(
            self.folder, instance.address, self.ssh_port, key, self.user,
            instance.image, instance.user_data, self.settings.minute_s, self._notify)

    def _notify(self):
        with self.lock:
            self.lock.notify_all()

    def _ended_by_itself(self, instance):
        code, message = "Client.InstanceInitiatedShutdown", "Instance initiated shutdown"
        if instance.ends_by_shutdown or instance.spot:
            self.terminate(instance, code, message)
        else:
            instance.state, instance.state_reason = "stopping", (code, f"{code}: {message}")

    def _terminated(self, instance, now):
        instance.state, instance.ended = "terminated", now
        if not instance.volume_goes:
            self.owners[instance.account].volumes_left.append(instance.volume)
        if instance.address:
            instance.address.release()
        if instance.machine:
            instance.machine.remove()
