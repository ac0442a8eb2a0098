"""What tests say to the endpoint, beside EC2's API: POST /VERB with a JSON object, answered by
JSON. POST /role says whose keys the metadata service gives ({"access_key_id": ...}; null:
nobody's). GET /checkip tells the caller's address, as
checkip.amazonaws.com does."""

import dataclasses
import signal
import time

import accounts
import catalogue
import faults
import machines
from world import Instance, new_id


class Control:
    def __init__(self, world, planned, journal):
        self.world, self.planned, self.journal = world, planned, journal

    def call(self, verb, given):
        """The answer to one request; ValueError and KeyError are the caller's fault."""
        method = getattr(self, f"do_{verb}", None)
        if method is None:
            raise ValueError(f"no verb {verb}")
        with self.world.lock:
            answer = method(**given)
            self.world.lock.notify_all()
            return answer if answer is not None else {}

    def do_reset(self):
        """Everything is as it was at first: no instances, faults, settings, calls."""
        self.world.reset()
        self.planned.planned.clear()
        self.journal.calls.clear()
        self.journal.violations.clear()

    def do_set(self, **settings):
        """Changes fields of world.Settings; answers what they were."""
        known = {field.name for field in dataclasses.fields(self.world.settings)}
        if set(settings) - known:
            raise ValueError(f"no setting {set(settings) - known}")
        before = dataclasses.asdict(self.world.settings)
        for name, value in settings.items():
            setattr(self.world.settings, name, value)
        return before

    def do_fault(self, **fields):
        """The next calls of an action go wrong: fields of faults.Fault."""
        self.planned.planned.append(faults.Fault(**fields))

    def do_no_faults(self):
        self.planned.planned.clear()

    def do_capacity(self, type="*", zone="*", count=0):
        """So many more instances there can be; count null: as many as wanted."""
        if count is None:
            self.world.capacity.pop((type, zone), None)
        else:
            self.world.capacity[type, zone] = count

    def do_unsupported(self, type, zone):
        """The type is not offered in the zone."""
        self.world.unsupported.add((type, zone))

    def do_stuck(self, count=1):
        """The next instances never leave pending."""
        self.world.stuck = count

    def do_key(self, **fields):
        """Makes an access key known, or changes it: fields of accounts.Key."""
        known = self.world.accounts.keys.get(fields["access_key_id"])
        if "denied" in fields:
            fields["denied"] = frozenset(fields["denied"])
        key = dataclasses.replace(known, **fields) if known else accounts.Key(**fields)
        if key.account not in self.world.owners:
            raise ValueError(f"no account {key.account}")
        self.world.accounts.put(key)

    def do_forget_key(self, access_key_id):
        del self.world.accounts.keys[access_key_id]

    def do_image(self, **fields):
        """Adds an image, or changes it: fields of catalogue.Image."""
        known = self.world.images.get(fields["id"])
        image = dataclasses.replace(known, **fields) if known else catalogue.Image(**fields)
        self.world.images[image.id] = image

    def do_forget_image(self, id):
        del self.world.images[id]

    def do_instances(self, all=False):
        """Instances that still cost something, or all that are known, with what EC2 does not
        tell."""
        return {"instances": [self._told(each) for each in self.world.instances.values()
                              if all or each.state != "terminated"],
                "volumes_left": [volume for owner in self.world.owners.values()
                                 for volume in owner.volumes_left]}

    def _told(self, each):
        return {"id": each.id, "state": each.state, "account": each.account,
                "type": each.type.name, "image": each.image.id, "zone": each.subnet.zone,
                "tags": each.tags, "address": each.address.text if each.address else None,
                "reachable": self.world.reachable(each), "spot": each.spot,
                "reservation": each.reservation, "key": each.key.name if each.key else None,
                "groups": [group.name for group in each.groups],
                "ends_by_shutdown": each.ends_by_shutdown, "volume_goes": each.volume_goes,
                "gibibytes": each.gibibytes, "tokens_required": each.tokens_required,
                "profile": each.profile, "user_data": each.user_data.decode(errors="replace"),
                "machine": each.machine is not None and not each.machine.ended,
                "folder": str(each.machine.folder) if each.machine else None}

    def do_add_instance(self, account=accounts.OWN, tags=None, reservation=None,
                        type="t3.micro"):
        """An instance that somebody else made; it has no key."""
        owner, now = self.world.owners[account], time.monotonic()
        subnet = next(iter(owner.network.subnets.values()))
        groups = [group for group in owner.groups.values() if group.vpc == subnet.vpc][:1]
        instance = Instance(
            id=new_id("i"), account=account, reservation=reservation or new_id("r"), index=0,
            image=next(iter(self.world.images.values())), type=self.world.types[type],
            subnet=subnet, groups=groups, key=None, tags=dict(tags or {}),
            launched=self.world.now(), visible_at=now,
            running_at=now + self.world.settings.pending_s)
        self.world.add(instance)
        return {"id": instance.id}

    def do_tag(self, id, tags):
        self.world.instances[id].tags.update(tags)

    def do_hide(self, id, seconds):
        """The instance is not found for a while."""
        self.world.instances[id].visible_at = time.monotonic() + seconds

    def do_end(self, id, code="Server.InternalError",
               message="Internal error on launch or in the hardware"):
        """The instance is terminated by EC2. "Server.SpotInstanceTermination": a spot one is."""
        self.world.terminate(self.world.instances[id], code, message)

    def do_release(self, id):
        """An instance that was stuck runs after all."""
        self.world.instances[id].running_at = time.monotonic()

    def do_power_off(self, id):
        """The machine ends by itself, as by `shutdown -P now`."""
        self.world.instances[id].machine.stop()

    def do_move(self, id):
        """Its public address is another one from now on."""
        instance = self.world.instances[id]
        instance.address.release()
        instance.address = machines.Address(self.world.ssh_port)
        if instance.machine:
            instance.machine.move(instance.address)
        return {"address": instance.address.text}

    def do_show_address(self, id, address):
        """EC2 tells this public address; "": none; null: its own again."""
        self.world.instances[id].shown_address = address

    def do_console(self, id, text):
        """The console's output is this; null: its own again."""
        self.world.instances[id].fixed_console = None if text is None else text.encode()

    def do_freeze(self, id):
        """Neither its sshd nor any connection to it says anything any more."""
        self.world.instances[id].machine.signal_sshds(signal.SIGSTOP)

    def do_thaw(self, id):
        self.world.instances[id].machine.signal_sshds(signal.SIGCONT)

    def do_cut(self, id, listener=False):
        """Its ssh connections end; with `listener`, there are no new ones either."""
        self.world.instances[id].machine.signal_sshds(signal.SIGKILL, listener)

    def do_programs(self, id):
        """The command lines of what runs in its machine."""
        return {"programs": self.world.instances[id].machine.programs()}

    def do_ssh_log(self, id):
        """What its sshd wrote."""
        file = self.world.instances[id].machine.folder / "sshd.log"
        return {"text": file.read_text(errors="replace")}

    def do_groups(self, account=accounts.OWN):
        return {"groups": [dataclasses.asdict(group)
                           for group in self.world.owners[account].groups.values()]}

    def do_key_pairs(self, account=accounts.OWN):
        return {"key_pairs": [dataclasses.asdict(key)
                              for key in self.world.owners[account].keys.values()]}

    def do_journal(self, clear=False):
        """All calls of the API: action, parameters, access key, and how it was answered."""
        calls = list(self.journal.calls)
        if clear:
            self.journal.calls.clear()
        return {"calls": calls}

    def do_violations(self, clear=False):
        """Requests that were not as the service model demands them."""
        found = list(self.journal.violations)
        if clear:
            self.journal.violations.clear()
        return {"violations": found}
