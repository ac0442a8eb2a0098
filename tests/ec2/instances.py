"""Instances are made, described, tagged and terminated."""

import base64
import binascii
import time

import catalogue
import lists
from actions import action, named, read_tags, specified_tags, tag_list
from contract import Refusal
from world import STATES, Instance, new_id

USER_DATA_BYTES_MAX = 16384


@action("BlockDeviceMappings", "ClientToken", "CreditSpecification", "DisableApiTermination",
        "EbsOptimized", "IamInstanceProfile", "ImageId", "InstanceInitiatedShutdownBehavior",
        "InstanceMarketOptions", "InstanceType", "KeyName", "MaxCount", "MetadataOptions",
        "MinCount", "Monitoring", "NetworkInterfaces", "Placement", "SecurityGroupIds",
        "SecurityGroups", "SubnetId", "TagSpecifications", "UserData")
def run_instances(world, owner, params):
    token = params.get("ClientToken")
    if token is not None:
        if not 0 < len(token) <= 64 or not token.isascii():
            raise Refusal("InvalidParameterValue", "ClientToken has 1 to 64 ASCII characters")
        known = owner.tokens.get(token)
        if known and known[0] != params:
            raise Refusal("IdempotentParameterMismatch", "The client token was used before, with "
                          "other parameters")
        if known:
            return reservation_of(world, [world.instances[id] for id in known[1]
                                          if id in world.instances])
    instances = make_instances(world, owner, params)
    for each in instances:
        world.add(each)
    if token is not None:
        owner.tokens[token] = (params, [each.id for each in instances])
    return reservation_of(world, instances)


def make_instances(world, owner, params):
    image = image_of(world, owner, params)
    type_ = type_of(world, params, image)
    subnet, groups, public = network_of(world, owner, params)
    spot = is_spot(params, type_)
    volume = root_volume_of(params, image)
    tags = specified_tags(params, "instance", "volume", "network-interface",
                          *(["spot-instances-request"] if spot else []))
    shared = {
        "account": owner.number, "reservation": new_id("r"), "image": image, "type": type_,
        "groups": groups, "key": key_of(owner, params), "launched": world.now(),
        "public": public, "user_data": user_data_of(params),
        "token": params.get("ClientToken", ""), "spot": spot, "gibibytes": volume[0],
        "volume_goes": volume[1], "profile": profile_of(world, owner, params),
        "ends_by_shutdown": params.get("InstanceInitiatedShutdownBehavior") == "terminate",
        "tokens_required":
            params.get("MetadataOptions", {}).get("HttpTokens") == "required",
        "protected": params.get("DisableApiTermination", False),
    }
    least, most = params["MinCount"], params["MaxCount"]
    if not 1 <= least <= most:
        raise Refusal("InvalidParameterValue", f"MinCount {least}, MaxCount {most}")
    subnets = [take_capacity(world, owner, type_, subnet, params, n < least) for n in range(most)]
    made = []
    for index, where in enumerate(each for each in subnets if each):
        now = time.monotonic()
        running_at = None if world.stuck > 0 else now + world.settings.pending_s
        world.stuck = max(0, world.stuck - 1)
        made.append(Instance(
            id=new_id("i"), index=index, subnet=where, volume=new_id("vol"), running_at=running_at,
            visible_at=now + world.settings.invisible_s, tags=dict(tags.get("instance", {})),
            **shared))
    return made


def image_of(world, owner, params):
    id = params.get("ImageId")
    if not id:
        raise Refusal("MissingParameter", "The request must contain the parameter ImageId")
    return named({image.id: image for image in world.image_list(owner.number)
                  if image.state == "available"}, [id], "ami", "InvalidAMIID")[0]


def type_of(world, params, image):
    name = params.get("InstanceType", "m1.small")
    if name not in world.types:
        raise Refusal("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")
    type_ = world.types[name]
    if type_.architecture != image.architecture:
        raise Refusal("InvalidParameterValue",
                      f"The architecture '{type_.architecture}' of the specified instance type "
                      f"does not match the architecture '{image.architecture}' of the specified "
                      "AMI.")
    return type_


def network_of(world, owner, params):
    """(the subnet asked for or None, security groups, whether there is a public address)"""
    names, ids = params.get("SecurityGroups", []), params.get("SecurityGroupIds", [])
    subnet_id, public = params.get("SubnetId"), None
    if params.get("NetworkInterfaces"):
        if names or ids or subnet_id:
            raise Refusal("InvalidParameterCombination", "Network interfaces and an instance-level "
                          "subnet ID or security groups may not be specified on the same request")
        card = params["NetworkInterfaces"][0]
        if len(params["NetworkInterfaces"]) > 1 or card.get("DeviceIndex") != 0:
            raise Refusal("UnsupportedOperation", "one network interface, with DeviceIndex 0")
        ids, subnet_id = card.get("Groups", []), card.get("SubnetId")
        public = card.get("AssociatePublicIpAddress")
    subnet = None
    if subnet_id:
        subnet = named(owner.network.subnets, [subnet_id], "subnet", "InvalidSubnetID")[0]
        if names:
            raise Refusal("InvalidParameterCombination",
                          "The parameter groupName cannot be used with the parameter subnet")
    vpc = subnet.vpc if subnet else owner.network.vpc
    groups = named(owner.groups, ids, "sg", "InvalidGroup") if ids else []
    here = {group.name: group for group in owner.groups.values() if group.vpc == vpc}
    for name in names:
        if name not in here:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{name}' does not exist in "
                          f"default VPC '{vpc}'")
        groups.append(here[name])
    if any(group.vpc != vpc for group in groups):
        raise Refusal("InvalidParameter", f"Security group {groups[0].id} and subnet "
                      f"{subnet_id} belong to different networks.")
    if public is None:
        public = subnet.default if subnet else True
    return subnet, groups or [here["default"]], public


def is_spot(params, type_):
    options = params.get("InstanceMarketOptions")
    if options is None:
        return False
    if options.get("MarketType") != "spot":
        raise Refusal("InvalidParameterValue", "MarketType is spot")
    spot = options.get("SpotOptions", {})
    if spot.get("SpotInstanceType", "one-time") == "persistent" or \
            spot.get("InstanceInterruptionBehavior", "terminate") != "terminate":
        raise Refusal("UnsupportedOperation", "this endpoint has one-time spot instances only")
    if "MaxPrice" in spot and float(spot["MaxPrice"]) < type_.spot_price:
        raise Refusal("SpotMaxPriceTooLow", f"Your Spot request price of {spot['MaxPrice']} is "
                      f"lower than the minimum required Spot request fulfillment price of "
                      f"{type_.spot_price}.")
    return True


def root_volume_of(params, image):
    """(size in GiB, whether it goes with the instance)"""
    size, goes = image.gibibytes, True
    for each in params.get("BlockDeviceMappings", ()):
        if each.get("DeviceName") != catalogue.ROOT_DEVICE:
            raise Refusal("InvalidBlockDeviceMapping",
                          f"{each.get('DeviceName')} is not the root device of {image.id}")
        disk = each.get("Ebs", {})
        goes = disk.get("DeleteOnTermination", goes)
        size = disk.get("VolumeSize", size)
        if size < image.gibibytes:
            raise Refusal("InvalidBlockDeviceMapping", f"Volume of size {size}GB is smaller than "
                          f"snapshot, expect size >= {image.gibibytes}GB")
    return size, goes


def key_of(owner, params):
    name = params.get("KeyName")
    if name is None:
        return None
    if name not in owner.keys:
        raise Refusal("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")
    return owner.keys[name]


def user_data_of(params):
    try:
        data = base64.b64decode(params.get("UserData", ""), validate=True)
    except binascii.Error:
        raise Refusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data") from None
    if len(data) > USER_DATA_BYTES_MAX:
        raise Refusal("InvalidParameterValue", "User data is limited to 16384 bytes")
    return data


def profile_of(world, owner, params):
    profile = params.get("IamInstanceProfile", {})
    name = profile.get("Name") or profile.get("Arn", "").rpartition("/")[2]
    if name and name not in world.accounts.profiles.get(owner.number, ()):
        raise Refusal("InvalidParameterValue", f"Value ({name}) for parameter "
                      "iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name")
    return name


def take_capacity(world, owner, type_, subnet, params, must):
    """The subnet in which there is room for one more; None where there is none, and need not be."""
    zone = params.get("Placement", {}).get("AvailabilityZone")
    if zone is not None and zone not in owner.network.zones:
        raise Refusal("InvalidParameterValue", f"Invalid availability zone: [{zone}]")
    if subnet and zone and subnet.zone != zone:
        raise Refusal("InvalidParameterValue", f"{subnet.id} is not in {zone}")
    living = [each for each in world.instances.values()
              if each.account == owner.number and each.state in ("pending", "running")]
    if len(living) >= world.settings.instances_max and must:
        raise Refusal("VcpuLimitExceeded", "You have requested more vCPU capacity than your "
                      "current vCPU limit allows")
    subnets = [subnet] if subnet else [each for each in owner.network.subnets.values()
                                       if each.default and zone in (None, each.zone)]
    supported = [each for each in subnets if (type_.name, each.zone) not in world.unsupported]
    if not supported:
        raise Refusal("Unsupported", f"Your requested instance type ({type_.name}) is not "
                      f"supported in your requested Availability Zone ({zone or subnets[0].zone}).")
    for each in supported:
        limits = [limit for limit in ((type_.name, each.zone), (type_.name, "*"),
                                      ("*", each.zone), ("*", "*")) if limit in world.capacity]
        if all(world.capacity[limit] > 0 for limit in limits):
            for limit in limits:
                world.capacity[limit] -= 1
            return each
    if must:
        raise Refusal("InsufficientInstanceCapacity",
                      f"We currently do not have sufficient {type_.name} capacity in the "
                      f"Availability Zone you requested ({zone or supported[0].zone}). Our system "
                      "will be working on provisioning additional capacity.", 500)
    return None


def state_of(instance):
    return {"Code": STATES[instance.state], "Name": instance.state}


def describe(world, each):
    """An instance as EC2 tells it."""
    public = each.public_address()
    private = each.address.text if each.address and each.state != "terminated" else None
    told = {
        "AmiLaunchIndex": each.index, "ImageId": each.image.id, "InstanceId": each.id,
        "InstanceType": each.type.name, "KeyName": each.key.name if each.key else None,
        "LaunchTime": each.launched, "Monitoring": {"State": "disabled"},
        "Placement": {"AvailabilityZone": each.subnet.zone, "GroupName": "", "Tenancy": "default"},
        "PrivateDnsName": f"ip-{private.replace('.', '-')}.ec2.internal" if private else "",
        "PrivateIpAddress": private, "PublicIpAddress": public,
        "PublicDnsName": f"ec2-{public.replace('.', '-')}.compute-1.amazonaws.com"
                         if public else "",
        "State": state_of(each), "StateTransitionReason": each.reason,
        "Architecture": each.image.architecture, "ClientToken": each.token,
        "RootDeviceName": catalogue.ROOT_DEVICE, "RootDeviceType": "ebs",
        "SecurityGroups": [{"GroupId": g.id, "GroupName": g.name} for g in each.groups],
        "Tags": tag_list(each.tags) or None, "VirtualizationType": "hvm", "Hypervisor": "xen",
        "EbsOptimized": False, "InstanceLifecycle": "spot" if each.spot else None,
        "MetadataOptions": {"HttpTokens": "required" if each.tokens_required else "optional",
                            "State": "applied", "HttpEndpoint": "enabled"},
    }
    if each.state != "terminated":
        told["SubnetId"], told["VpcId"] = each.subnet.id, each.subnet.vpc
        told["BlockDeviceMappings"] = [{
            "DeviceName": catalogue.ROOT_DEVICE,
            "Ebs": {"VolumeId": each.volume, "Status": "attached", "AttachTime": each.launched,
                    "DeleteOnTermination": each.volume_goes}}]
    if each.profile:
        told["IamInstanceProfile"] = {
            "Arn": f"arn:aws:iam::{each.account}:instance-profile/{each.profile}"}
    if each.state_reason:
        told["StateReason"] = dict(zip(("Code", "Message"), each.state_reason))
    return told


def reservation_of(world, instances):
    return {"ReservationId": instances[0].reservation if instances else new_id("r"),
            "OwnerId": instances[0].account if instances else "", "Groups": [],
            "Instances": [describe(world, each) for each in instances]}


def visible(world, owner):
    now = time.monotonic()
    return {each.id: each for each in world.instances.values()
            if each.account == owner.number and each.visible_at <= now}


FIELDS = {
    "availability-zone": lambda each: each.subnet.zone,
    "client-token": lambda each: each.token,
    "image-id": lambda each: each.image.id,
    "instance-id": lambda each: each.id,
    "instance-lifecycle": lambda each: "spot" if each.spot else None,
    "instance-state-code": lambda each: STATES[each.state],
    "instance-state-name": lambda each: each.state,
    "instance-type": lambda each: each.type.name,
    "key-name": lambda each: each.key.name if each.key else None,
    "instance.group-id": lambda each: [group.id for group in each.groups],
    "instance.group-name": lambda each: [group.name for group in each.groups],
    "owner-id": lambda each: each.account,
    "reservation-id": lambda each: each.reservation,
    "subnet-id": lambda each: each.subnet.id,
    "vpc-id": lambda each: each.subnet.vpc,
}


@action("Filters", "InstanceIds", "MaxResults", "NextToken")
def describe_instances(world, owner, params):
    if "MaxResults" in params and "InstanceIds" in params:
        raise Refusal("InvalidParameterCombination", "The parameter instancesSet cannot be used "
                      "with the parameter maxResults")
    found = named(visible(world, owner), params.get("InstanceIds"), "i", "InvalidInstanceID")
    found = lists.filtered(found, params.get("Filters"), FIELDS)
    found, token = lists.page(found, params, world.settings.page)
    reservations = {}
    for each in found:
        reservations.setdefault(each.reservation, []).append(each)
    return {"Reservations": [reservation_of(world, each) for each in reservations.values()],
            "NextToken": token}


@action("InstanceIds")
def terminate_instances(world, owner, params):
    found = named(visible(world, owner), params["InstanceIds"], "i", "InvalidInstanceID")
    if any(each.protected for each in found):
        raise Refusal("OperationNotPermitted", "The instance may not be terminated. Modify its "
                      "'disableApiTermination' instance attribute and try again.")
    told = []
    for each in found:
        before = state_of(each)
        world.terminate(each)
        told.append({"InstanceId": each.id, "PreviousState": before,
                     "CurrentState": state_of(each)})
    return {"TerminatingInstances": told}


@action("InstanceId", "Latest")
def get_console_output(world, owner, params):
    each = named(visible(world, owner), [params["InstanceId"]], "i", "InvalidInstanceID")[0]
    console = each.fixed_console
    if console is None:
        told_at = (each.running_at or float("inf")) + world.settings.console_s
        console = each.machine.console() if each.machine and time.monotonic() >= told_at else b""
    return {"InstanceId": each.id, "Timestamp": world.now(),
            "Output": base64.b64encode(console[-65536:]).decode() or None}


def taggable(world, owner, ids):
    here = {**visible(world, owner), **owner.groups,
            **{key.id: key for key in owner.keys.values()}}
    for id in ids:
        if id not in here:
            known = {"i": "InvalidInstanceID", "sg": "InvalidGroup"}
            code = known.get(id.partition("-")[0], "InvalidID")
            raise Refusal(f"{code}.NotFound", f"The ID '{id}' does not exist")
    return [here[id] for id in ids]


@action("Resources", "Tags")
def create_tags(world, owner, params):
    tags = read_tags(params["Tags"])
    for each in taggable(world, owner, params["Resources"]):
        if len({**each.tags, **tags}) > 50:
            raise Refusal("TagLimitExceeded", "More than 50 tags")
        each.tags.update(tags)
    return {}


@action("Resources", "Tags")
def delete_tags(world, owner, params):
    for each in taggable(world, owner, params["Resources"]):
        for pair in params.get("Tags", tag_list(dict(each.tags))):
            if pair.get("Value") in (None, each.tags.get(pair["Key"])):
                each.tags.pop(pair["Key"], None)
    return {}
