"""What a region offers: images, types of instances, and where they are to be had."""

import lists
from actions import action, named
from catalogue import ROOT_DEVICE
from contract import Refusal


@action("Filters", "ImageIds", "Owners", "IncludeDeprecated")
def describe_images(world, owner, params):
    images = {image.id: image for image in world.image_list(owner.number)}
    found = named(images, params.get("ImageIds"), "ami", "InvalidAMIID")
    if "Owners" in params:
        owners = [{"self": owner.number}.get(each, each) for each in params["Owners"]]
        found = [image for image in found if image.owner in owners]
    found = lists.filtered(found, params.get("Filters"), {
        "architecture": lambda image: image.architecture,
        "image-id": lambda image: image.id,
        "image-type": lambda _: "machine",
        "is-public": lambda image: str(image.public).lower(),
        "name": lambda image: image.name,
        "owner-id": lambda image: image.owner,
        "root-device-type": lambda _: "ebs",
        "state": lambda image: image.state,
        "virtualization-type": lambda _: "hvm",
    })
    return {"Images": [
        {"ImageId": image.id, "Name": image.name, "OwnerId": image.owner, "State": image.state,
         "CreationDate": image.created, "Architecture": image.architecture,
         "DeprecationTime": image.deprecated, "Public": image.public, "ImageType": "machine",
         "ImageLocation": f"{image.owner}/{image.name}", "RootDeviceName": ROOT_DEVICE,
         "RootDeviceType": "ebs", "VirtualizationType": "hvm", "Hypervisor": "xen",
         "EnaSupport": True, "BlockDeviceMappings": [
             {"DeviceName": ROOT_DEVICE,
              "Ebs": {"DeleteOnTermination": True, "VolumeSize": image.gibibytes,
                      "SnapshotId": image.id.replace("ami", "snap"), "VolumeType": "gp3",
                      "Encrypted": False}}]} for image in found]}


class _Offer:
    """A type of instances, for filters."""

    def __init__(self, type_):
        self.type, self.tags = type_, {}


TYPE_FIELDS = {
    "instance-type": lambda offer: offer.type.name,
    "processor-info.supported-architecture": lambda offer: offer.type.architecture,
    "vcpu-info.default-vcpus": lambda offer: offer.type.cores,
    "memory-info.size-in-mib": lambda offer: offer.type.mebibytes,
    "bare-metal": lambda _: "false",
    "current-generation": lambda _: "true",
}


@action("Filters", "InstanceTypes", "MaxResults", "NextToken")
def describe_instance_types(world, _, params):
    asked = params.get("InstanceTypes", [])
    missing = [name for name in asked if name not in world.types]
    if missing:
        raise Refusal("InvalidInstanceType", f"The following supplied instance types do not exist: "
                      f"[{', '.join(missing)}]")
    if asked and "MaxResults" in params:
        raise Refusal("InvalidParameterCombination", "InstanceTypes and MaxResults")
    offers = [_Offer(world.types[name]) for name in asked or world.types]
    offers = lists.filtered(offers, params.get("Filters"), TYPE_FIELDS)
    offers, token = lists.page(offers, params, min(world.settings.page or 100, 100))
    return {"NextToken": token, "InstanceTypes": [
        {"InstanceType": offer.type.name, "CurrentGeneration": True,
         "SupportedUsageClasses": ["on-demand", "spot"], "BareMetal": False,
         "SupportedRootDeviceTypes": ["ebs"], "SupportedVirtualizationTypes": ["hvm"],
         "ProcessorInfo": {"SupportedArchitectures": [offer.type.architecture]},
         "VCpuInfo": {"DefaultVCpus": offer.type.cores},
         "MemoryInfo": {"SizeInMiB": offer.type.mebibytes},
         "BurstablePerformanceSupported": offer.type.name.startswith("t"),
         "FreeTierEligible": offer.type.name.endswith(".micro")} for offer in offers]}


class _Place:
    def __init__(self, type_name, place):
        self.type_name, self.place, self.tags = type_name, place, {}


@action("Filters", "LocationType", "MaxResults", "NextToken")
def describe_instance_type_offerings(world, owner, params):
    kind = params.get("LocationType", "region")
    zones = owner.network.zones
    offered = {name: [zone for zone in zones if (name, zone) not in world.unsupported]
               for name in world.types}
    if kind == "region":
        places = [_Place(name, world.region) for name, there in offered.items() if there]
    elif kind == "availability-zone":
        places = [_Place(name, zone) for name, there in offered.items() for zone in there]
    else:
        raise Refusal("UnsupportedOperation", f"this endpoint knows no {kind}")
    places = lists.filtered(places, params.get("Filters"), {
        "instance-type": lambda place: place.type_name, "location": lambda place: place.place})
    places, token = lists.page(places, params, world.settings.page)
    return {"NextToken": token, "InstanceTypeOfferings": [
        {"InstanceType": place.type_name, "LocationType": kind, "Location": place.place}
        for place in places]}


@action("Filters", "RegionNames", "AllRegions")
def describe_regions(world, _, params):
    if params.get("Filters") or set(params.get("RegionNames", ())) - {world.region}:
        raise Refusal("InvalidParameterValue", f"this endpoint knows {world.region} alone")
    return {"Regions": [{"RegionName": world.region, "OptInStatus": "opt-in-not-required",
                         "Endpoint": f"ec2.{world.region}.amazonaws.com"}]}
