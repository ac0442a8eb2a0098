"""Security groups, VPCs, subnets and zones."""

import ipaddress
import re

import lists
from actions import action, named, specified_tags, tag_list
from contract import Refusal
from world import Group, new_id

RULES_MAX = 60
TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")


@action("Description", "GroupName", "VpcId", "TagSpecifications")
def create_security_group(_, owner, params):
    name, text = params["GroupName"], params["Description"]
    if not TEXT.fullmatch(name) or name.startswith("sg-") or not TEXT.fullmatch(text):
        raise Refusal("InvalidParameterValue", "Value for parameter GroupName or GroupDescription "
                      "is invalid. Character sets beyond ASCII are not supported.")
    vpc = params.get("VpcId", owner.network.vpc)
    if vpc not in (owner.network.vpc, owner.network.private_vpc):
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist")
    if any(group.name == name and group.vpc == vpc for group in owner.groups.values()):
        raise Refusal("InvalidGroup.Duplicate", f"The security group '{name}' already exists for "
                      f"VPC '{vpc}'")
    tags = specified_tags(params, "security-group").get("security-group", {})
    group = Group(new_id("sg"), name, text, vpc, tags)
    owner.groups[group.id] = group
    return {"GroupId": group.id, "Tags": tag_list(tags) or None}


def group_of(owner, params):
    if "GroupId" in params:
        return named(owner.groups, [params["GroupId"]], "sg", "InvalidGroup")[0]
    for group in owner.groups.values():
        if group.name == params.get("GroupName") and group.vpc == owner.network.vpc:
            return group
    if "GroupName" not in params:
        raise Refusal("MissingParameter", "The request must contain the parameter groupName or "
                      "groupId")
    raise Refusal("InvalidGroup.NotFound", f"The security group '{params['GroupName']}' does not "
                  f"exist in default VPC '{owner.network.vpc}'")


def rules_of(params):
    """(protocol, first port, last port, network, text) for each rule of a request."""
    flat = {"IpProtocol", "FromPort", "ToPort", "CidrIp"} & set(params)
    permissions = params.get("IpPermissions", [])
    if flat and permissions or not flat and not permissions:
        raise Refusal("InvalidParameterCombination",
                      "either IpPermissions or IpProtocol and CidrIp")
    if flat:
        permissions = [{**{name: params.get(name) for name in ("IpProtocol", "FromPort", "ToPort")},
                        "IpRanges": [{"CidrIp": params.get("CidrIp", "")}]}]
    rules = []
    for each in permissions:
        protocol = {"6": "tcp", "17": "udp"}.get(each.get("IpProtocol"), each.get("IpProtocol"))
        first, last = each.get("FromPort"), each.get("ToPort")
        if protocol not in ("tcp", "udp", "icmp", "-1"):
            raise Refusal("InvalidPermission.Malformed", f"Unsupported IP protocol \"{protocol}\"")
        if protocol in ("tcp", "udp") and not 0 <= (-1 if first is None else first) \
                <= (-1 if last is None else last) <= 65535:
            raise Refusal("InvalidParameterValue", f"Invalid value for portRange: {first}-{last}")
        ranges = [(one["CidrIp"], one) for one in each.get("IpRanges", [])]
        ranges += [(one["CidrIpv6"], one) for one in each.get("Ipv6Ranges", [])]
        if not ranges or set(each) - {"IpProtocol", "FromPort", "ToPort", "IpRanges", "Ipv6Ranges"}:
            raise Refusal("UnsupportedOperation", "this endpoint's rules have IpRanges only")
        for network, one in ranges:
            rules.append((protocol, first, last, network_of(network), one.get("Description", "")))
    return rules


def network_of(text):
    """As EC2 keeps it: bits beyond the prefix are cleared."""
    try:
        if "/" not in text:
            raise ValueError(text)
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise Refusal("InvalidParameterValue", f"CIDR block {text} is malformed") from None


@action("GroupId", "GroupName", "IpPermissions", "IpProtocol", "FromPort", "ToPort", "CidrIp")
def authorize_security_group_ingress(world, owner, params):
    group, rules = group_of(owner, params), rules_of(params)
    for rule in rules:
        if rule[:4] in [known[:4] for known in group.rules]:
            raise Refusal("InvalidPermission.Duplicate", f"the specified rule \"peer: {rule[3]}, "
                          f"{rule[0]}, from port: {rule[1]}, to port: {rule[2]}, ALLOW\" already "
                          "exists")
    if len(group.rules) + len(rules) > RULES_MAX:
        raise Refusal("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per "
                      "security group has been reached.")
    group.rules += rules
    world.lock.notify_all()
    return {"Return": True}


@action("GroupId", "GroupName", "IpPermissions", "IpProtocol", "FromPort", "ToPort", "CidrIp")
def revoke_security_group_ingress(_, owner, params):
    group, rules = group_of(owner, params), rules_of(params)
    gone = [rule[:4] for rule in rules]
    if not set(gone) <= {rule[:4] for rule in group.rules}:
        raise Refusal("InvalidPermission.NotFound", "The specified rule does not exist in this "
                      "security group.")
    group.rules = [rule for rule in group.rules if rule[:4] not in gone]
    return {"Return": True}


@action("GroupId", "GroupName")
def delete_security_group(world, owner, params):
    group = group_of(owner, params)
    if group.name == "default":
        raise Refusal("CannotDelete", f"the specified group: \"{group.id}\" name: \"default\" "
                      "cannot be deleted by a user")
    if any(group in each.groups and each.state != "terminated"
           for each in world.instances.values()):
        raise Refusal("DependencyViolation", f"resource {group.id} has a dependent object")
    del owner.groups[group.id]
    return {}


def permissions_of(group):
    told = []
    for protocol, first, last, network, text in group.rules:
        one = {"Description": text or None}
        six = ":" in network
        one["CidrIpv6" if six else "CidrIp"] = network
        told.append({"IpProtocol": protocol, "FromPort": first, "ToPort": last,
                     "UserIdGroupPairs": [], "PrefixListIds": [],
                     "IpRanges": [] if six else [one], "Ipv6Ranges": [one] if six else []})
    return told


@action("Filters", "GroupIds", "GroupNames", "MaxResults", "NextToken")
def describe_security_groups(world, owner, params):
    found = named(owner.groups, params.get("GroupIds"), "sg", "InvalidGroup")
    if "GroupNames" in params:
        found = [group_of(owner, {"GroupName": name}) for name in params["GroupNames"]]
    found = lists.filtered(found, params.get("Filters"), {
        "group-id": lambda group: group.id, "group-name": lambda group: group.name,
        "vpc-id": lambda group: group.vpc, "description": lambda group: group.description,
        "owner-id": lambda _: owner.number})
    found, token = lists.page(found, params, world.settings.page)
    everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [],
                  "PrefixListIds": [], "UserIdGroupPairs": []}
    return {"NextToken": token, "SecurityGroups": [
        {"GroupId": group.id, "GroupName": group.name, "Description": group.description,
         "OwnerId": owner.number, "VpcId": group.vpc, "IpPermissions": permissions_of(group),
         "IpPermissionsEgress": [everywhere], "Tags": tag_list(group.tags) or None}
        for group in found]}


class _Vpc:
    def __init__(self, id, default):
        self.id, self.default, self.tags = id, default, {}


@action("Filters", "VpcIds", "MaxResults", "NextToken")
def describe_vpcs(world, owner, params):
    vpcs = {each.id: each for each in (_Vpc(owner.network.vpc, True),
                                       _Vpc(owner.network.private_vpc, False))}
    found = lists.filtered(named(vpcs, params.get("VpcIds"), "vpc", "InvalidVpcID"),
                           params.get("Filters"), {
        "vpc-id": lambda vpc: vpc.id, "is-default": lambda vpc: str(vpc.default).lower(),
        "isDefault": lambda vpc: str(vpc.default).lower(), "state": lambda _: "available"})
    found, token = lists.page(found, params, world.settings.page)
    return {"NextToken": token, "Vpcs": [
        {"VpcId": vpc.id, "IsDefault": vpc.default, "State": "available", "OwnerId": owner.number,
         "CidrBlock": "172.31.0.0/16" if vpc.default else "10.0.0.0/16"} for vpc in found]}


@action("Filters", "SubnetIds", "MaxResults", "NextToken")
def describe_subnets(world, owner, params):
    found = named(owner.network.subnets, params.get("SubnetIds"), "subnet", "InvalidSubnetID")
    found = lists.filtered(found, params.get("Filters"), {
        "subnet-id": lambda subnet: subnet.id, "vpc-id": lambda subnet: subnet.vpc,
        "availability-zone": lambda subnet: subnet.zone, "state": lambda _: "available",
        "default-for-az": lambda subnet: str(subnet.default).lower()})
    found, token = lists.page(found, params, world.settings.page)
    return {"NextToken": token, "Subnets": [
        {"SubnetId": subnet.id, "VpcId": subnet.vpc, "AvailabilityZone": subnet.zone,
         "State": "available", "CidrBlock": subnet.cidr, "DefaultForAz": subnet.default,
         "MapPublicIpOnLaunch": subnet.default, "OwnerId": owner.number} for subnet in found]}


@action("Filters", "ZoneNames", "AllAvailabilityZones")
def describe_availability_zones(world, owner, params):
    for name in params.get("ZoneNames", ()):
        if name not in owner.network.zones:
            raise Refusal("InvalidParameterValue", f"Invalid availability zone: [{name}]")
    names = params.get("ZoneNames", owner.network.zones)
    if params.get("Filters"):
        raise Refusal("UnsupportedOperation", "this endpoint filters no zones")
    return {"AvailabilityZones": [
        {"ZoneName": name, "RegionName": world.region, "State": "available",
         "ZoneType": "availability-zone", "OptInStatus": "opt-in-not-required"}
        for name in names]}
