"""Instances as Tashi's cluster manager and its agents have them, as far as their clients see: what
createVm refuses and drops, the states that an instance goes through, and its address. Behind each
there is a machine that ssh reaches (tests/machine/run-machine)."""

import copy
import pathlib
import string
import sys
import threading

import python2

sys.path.append(str(pathlib.Path(__file__).parent.parent / "ec2"))

import machines  # noqa: E402  pylint: disable=wrong-import-position

PENDING, ACTIVATING, RUNNING, DESTROYING, HELD, EXITED = 1, 2, 3, 12, 14, 15
CONVERTED_EXCEPTION, NO_SUCH_INSTANCE, INVALID_INSTANCE = 1, 2, 11
NAME_CHARACTERS = string.ascii_letters + string.digits + "-."


def _no(errno, message):
    return python2.TashiException({"errno": errno, "msg": message})


class Cluster:
    MEMORY_MAX, CORES_MAX = 8192, 8

    def __init__(self, folder, image_folder, key, user, ssh_port):
        self.folder, self.images, self.key = folder, image_folder, key
        self.user, self.ssh_port = user, ssh_port
        self.lock = threading.RLock()
        self.ids, self.instances, self.machines, self.addresses = 0, {}, {}, {}
        self.scheduling = True
        self.machines_are_real = True

    # What clients call.

    def createVm(self, instance):
        with self.lock:
            instance = self._normalized(instance)
            self.ids += 1
            instance.id = self.ids
            self.instances[instance.id] = instance
            given = copy.deepcopy(instance)
            if self.scheduling:
                self._schedule(instance)
            return given

    def getInstances(self):
        with self.lock:
            return copy.deepcopy(list(self.instances.values()))

    def destroyVm(self, number):
        with self.lock:
            instance = self.instances.get(number)
            if instance is None:
                raise _no(NO_SUCH_INSTANCE, f"No such instanceId - {number}")
            if number in self.machines:
                instance.state = DESTROYING
                self.machines[number].stop()
            else:
                self._remove(number)

    def _normalized(self, instance):
        if not isinstance(instance.hints, dict):
            raise TypeError("'NoneType' object is not iterable")
        instance.name = "".join(each for each in instance.name if each in NAME_CHARACTERS)
        if any(each.name == instance.name for each in self.instances.values()):
            raise _no(INVALID_INSTANCE, f"The name {instance.name} is already in use")
        for value, most, what in ((instance.cores, self.CORES_MAX, "Number of cores"),
                                  (instance.memory, self.MEMORY_MAX, "Amount of memory")):
            if value < 1:
                raise _no(INVALID_INSTANCE, f"{what} must be >= 1")
            if value > most:
                raise _no(INVALID_INSTANCE, f"{what} must be <= {most}")
        instance.id = instance.vmId = instance.hostId = None
        instance.decayed, instance.state = False, PENDING
        return instance

    # What the agent and a node manager do.

    def _schedule(self, instance):
        uri = instance.disks[0].uri
        if "/" in uri or not (self.images / uri).is_file():
            instance.state = HELD
            return
        instance.state, instance.hostId = ACTIVATING, 1
        if not self.machines_are_real:
            instance.state = RUNNING
            instance.nics[0].ip = f"127.0.10.{instance.id % 250 + 1}"
            return
        address = machines.Address(self.ssh_port)
        self.addresses[instance.id] = address
        instance.nics[0].ip = address.text
        self._write_ssh_config()
        threading.Thread(target=self._boot, args=(instance.id, address)).start()

    def _boot(self, number, address):
        started = threading.Event()

        def run():
            # A machine ends with the thread that made it.
            with self.lock:
                if number not in self.instances:
                    started.set()
                    return
                machine = machines.Machine(self.folder, address, self.ssh_port, self.key,
                                           self.user, None, None, 60,
                                           lambda: self._ended(number))
                self.machines[number] = machine
                if self.instances[number].state == ACTIVATING:
                    self.instances[number].state = RUNNING
                else:
                    machine.stop()
            started.set()
            machine.process.wait()

        threading.Thread(target=run, daemon=True).start()
        started.wait()

    def _ended(self, number):
        with self.lock:
            self._remove(number)

    def _remove(self, number):
        self.instances.pop(number, None)
        self.machines.pop(number, None)
        address = self.addresses.pop(number, None)
        if address is not None:
            address.release()
        self._write_ssh_config()

    def _write_ssh_config(self):
        """In the place of Tashi's name server, for who goes to NAME.vmnet."""
        text = "".join(f"Host {self.instances[number].name}.vmnet\n  HostName {address.text}\n"
                       for number, address in self.addresses.items())
        draft = self.folder / "ssh_config.new"
        draft.write_text(text)
        draft.rename(self.folder / "ssh_config")

    # For tests.

    def put(self, number, state):
        """An instance is in that state from now on, whatever becomes of it in truth."""
        with self.lock:
            self.instances[number].state = state

    def end(self):
        with self.lock:
            running = list(self.machines.values())
        for machine in running:
            machine.stop()
        for machine in running:
            machine.remove()
