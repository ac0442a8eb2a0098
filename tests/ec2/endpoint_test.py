#!/usr/bin/env python3
"""The test endpoint of EC2 keeps the contract: botocore's own client is the caller.

Usage: endpoint_test.py [TEST ...]     (a Python with botocore; Debian: python3-botocore)
"""

import datetime
import json
import pathlib
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import botocore.parsers

import caller
import region as regions


class SignatureTest(caller.EndpointTest):
    def test_a_right_signature_is_accepted(self):
        self.assertEqual(self.ec2.describe_instances()["Reservations"], [])
        self.assertEqual(self.region.violations(), [])

    def test_a_wrong_secret_is_refused_and_noted(self):
        other = self.client(secret="not+the/secret")
        error = self.refused("AuthFailure", other.describe_instances)
        self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], 401)
        self.assertEqual(self.region.violations(clear=True)[0]["kind"], "BadSignature")
        self.assertEqual(self.region.violations(), [])

    def test_an_unknown_key_is_refused(self):
        self.refused("AuthFailure", self.client("AKIANOBODY0000000000").describe_instances)

    def test_another_region_is_refused(self):
        self.refused("AuthFailure", self.client(region="eu-central-1").describe_instances)

    def test_no_signature_is_refused(self):
        self.assertEqual(self.post(), 401)

    def test_a_clock_that_is_off_is_refused(self):
        for off in (-301, 301):
            self.region.say("set", clock_off_s=off)
            self.refused("RequestExpired", self.ec2.describe_instances)
        self.region.say("set", clock_off_s=250)
        self.ec2.describe_instances()

    def test_a_session_token_has_to_be_the_keys(self):
        self.region.say("key", access_key_id="ASIATEMPORARY0000001", secret="s/e+c",
                        account=self.region.account, token="a+token/==")
        self.client("ASIATEMPORARY0000001", "s/e+c", "a+token/==").describe_instances()
        for token in (None, "another"):
            self.refused("AuthFailure",
                         self.client("ASIATEMPORARY0000001", "s/e+c", token).describe_instances)
        self.region.say("key", access_key_id="ASIATEMPORARY0000001", expires=1)
        self.refused("RequestExpired",
                     self.client("ASIATEMPORARY0000001", "s/e+c", "a+token/==").describe_instances)

    def test_rights_are_looked_at(self):
        self.region.say("key", access_key_id=self.region.access_key_id, denied=["RunInstances"])
        self.refused("UnauthorizedOperation", self.run_one)
        self.ec2.describe_instances()

    def test_accounts_do_not_see_each_other(self):
        id = self.run_one()["InstanceId"]
        other = self.other()
        self.assertEqual(other.describe_instances()["Reservations"], [])
        self.refused("InvalidInstanceID.NotFound", other.terminate_instances, InstanceIds=[id])


class FormTest(caller.EndpointTest):
    """Requests that are not as the service model demands it."""

    def violates(self, body):
        """Sends a form, signed by botocore."""
        request = botocore.awsrequest.AWSRequest(
            "POST", self.region.ec2 + "/", {"Content-Type": "application/x-www-form-urlencoded"},
            body)
        botocore.auth.SigV4Auth(
            botocore.credentials.Credentials(self.region.access_key_id,
                                             self.region.secret_access_key),
            "ec2", self.region.region).add_auth(request)
        self.assertEqual(self.post(body, dict(request.headers)), 400)
        return self.region.violations(clear=True)[-1]["what"]

    def test_every_parameter_is_held_against_the_model(self):
        run = b"&ImageId=ami-0a0000000000000e2"
        for form, expected in (
                (b"Action=RunInstances&MinCount=1" + run, "MissingParameter.*MaxCount"),
                (b"Action=RunInstances&MinCount=1&MaxCount=one" + run, "MaxCount is invalid"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&Colour=red" + run,
                 "UnknownParameter.*Colour"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&ImageId.1=a", "ImageId has members"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&EbsOptimized=yes", "EbsOptimized"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&SecurityGroupId.2=sg-1",
                 "SecurityGroupId is a list"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&SecurityGroupId.member.1=sg-1",
                 "SecurityGroupId is a list"),
                (b"Action=RunInstances&MinCount=1&MaxCount=1&InstanceInitiatedShutdownBehavior=no",
                 "InstanceInitiatedShutdownBehavior"),
                (b"Action=DescribeInstances&Filter.1.Name=a&Filter.1.Name=b", "twice"),
                (b"Action=DescribeInstances&Filter.1.Name=a&Filter.1.Name.1=b", "below a value"),
                (b"Action=DescribeInstances&Filter.1.Name=a b", "encoding"),
                (b"Action=DescribeInstances&Filter.1.Name=%zz", "pair"),
                (b"Action=DescribeInstances&Filter.1.Name=%ff", "UTF-8"),
                (b"Action=FlyToTheMoon", "InvalidAction"),
                (b"Foo=1", "MissingAction")):
            self.assertRegex(self.violates(form + b"&Version=2016-11-15"), expected)
        self.assertRegex(self.violates(b"Action=DescribeInstances&Version=2014-10-01"), "Version")
        self.assertRegex(self.violates(b"Action=DescribeInstances"), "Version")

    def test_method_path_and_type_are_looked_at(self):
        self.assertEqual(self.post(None), 405)
        self.assertEqual(self.post(path="/?Action=DescribeInstances"), 405)
        self.assertEqual(self.post(headers={"Content-Type": "text/plain"}), 400)
        self.assertEqual(len(self.region.violations()), 3)

    def test_what_the_endpoint_would_ignore_is_refused(self):
        self.refused("UnsupportedOperation", self.run_one, KernelId="aki-1")
        self.refused("UnsupportedOperation", self.ec2.describe_network_acls)


class InstancesTest(caller.EndpointTest):
    def test_an_instance_goes_through_its_states(self):
        self.region.say("set", pending_s=0.2, shutting_down_s=0.2)
        instance = self.run_one(TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "a&b", "Value": "<ä> +"}]}])
        id = instance["InstanceId"]
        self.assertEqual(instance["State"], {"Code": 0, "Name": "pending"})
        self.assertIsInstance(instance["LaunchTime"], datetime.datetime)
        self.assertEqual(instance["Tags"], [{"Key": "a&b", "Value": "<ä> +"}])
        self.becomes(id, "running")
        ending = self.ec2.terminate_instances(InstanceIds=[id])["TerminatingInstances"][0]
        self.assertEqual(ending["CurrentState"], {"Code": 32, "Name": "shutting-down"})
        self.assertEqual(ending["PreviousState"], {"Code": 16, "Name": "running"})
        self.becomes(id, "terminated")
        self.assertEqual(self.region.instances(), [])
        self.ec2.terminate_instances(InstanceIds=[id])
        self.assertEqual(self.region.violations(), [])

    def test_a_token_makes_no_second_instance(self):
        first = self.run_one(ClientToken="once")
        again = self.run_one(ClientToken="once")
        self.assertEqual(first["InstanceId"], again["InstanceId"])
        self.refused("IdempotentParameterMismatch", self.run_one, ClientToken="once",
                     InstanceType="t3.large")
        self.assertEqual(len(self.region.instances()), 1)

    def test_an_answer_that_is_lost_has_its_effect(self):
        self.region.say("fault", action="RunInstances", kind="lost")
        with self.assertRaises(botocore.exceptions.HTTPClientError):
            self.run_one(ClientToken="lost")
        id = self.region.instances()[0]["id"]
        self.assertEqual(self.run_one(ClientToken="lost")["InstanceId"], id)

    def test_a_new_instance_is_not_found_at_first(self):
        self.region.say("set", invisible_s=0.3)
        id = self.run_one()["InstanceId"]
        self.assertEqual(self.ec2.describe_instances()["Reservations"], [])
        self.refused("InvalidInstanceID.NotFound", self.ec2.describe_instances, InstanceIds=[id])
        self.refused("InvalidInstanceID.NotFound", self.ec2.create_tags, Resources=[id],
                     Tags=[{"Key": "a", "Value": "b"}])
        self.region.wait_for(lambda: self.ec2.describe_instances()["Reservations"])

    def test_ids_are_looked_at(self):
        for call in (self.ec2.describe_instances, self.ec2.terminate_instances):
            self.refused("InvalidInstanceID.Malformed", call, InstanceIds=["i-x"])
            self.refused("InvalidInstanceID.NotFound", call, InstanceIds=["i-00000001"])

    def test_filters_and_pages(self):
        ids = [self.run_one(TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "n", "Value": str(n)}]}])["InstanceId"]
            for n in range(7)]
        self.ec2.terminate_instances(InstanceIds=ids[:1])
        for id in ids[1:]:
            self.becomes(id, "running")

        def found(page, **filters):
            pages = self.ec2.get_paginator("describe_instances").paginate(
                Filters=[{"Name": name.replace("__", "-"), "Values": values}
                         for name, values in filters.items()],
                PaginationConfig={"PageSize": page} if page else {})
            return [each["InstanceId"] for one in pages for reservation in one["Reservations"]
                    for each in reservation["Instances"]]

        self.assertEqual(found(0, instance__state__name=["running"]), ids[1:])
        self.assertEqual(found(5, instance__state__name=["pending", "running"]), ids[1:])
        self.region.say("set", page=2)
        self.assertEqual(found(0), ids)
        self.assertEqual(found(0, **{"tag:n": ["[3]", "4", "?5"]}), ids[4:5])
        self.assertEqual(found(0, **{"tag__key": ["m*"]}), [])
        first = self.ec2.describe_instances(MaxResults=5)
        self.refused("InvalidNextToken", self.ec2.describe_instances, MaxResults=6,
                     NextToken=first["NextToken"])
        self.refused("InvalidParameterValue", self.ec2.describe_instances, MaxResults=4)
        self.refused("InvalidParameterCombination", self.ec2.describe_instances, MaxResults=5,
                     InstanceIds=ids)
        self.refused("InvalidParameterValue", self.ec2.describe_instances,
                     Filters=[{"Name": "colour", "Values": ["red"]}])

    def test_tags_are_changed_within_their_limits(self):
        id = self.run_one()["InstanceId"]
        tags = [{"Key": str(n), "Value": "x"} for n in range(50)]
        self.ec2.create_tags(Resources=[id], Tags=tags)
        self.refused("TagLimitExceeded", self.ec2.create_tags, Resources=[id],
                     Tags=[{"Key": "one more", "Value": ""}])
        self.ec2.delete_tags(Resources=[id], Tags=[{"Key": "0"}, {"Key": "1", "Value": "y"}])
        self.assertEqual(len(self.region.instance(id)["tags"]), 49)
        for key in ("aws:mine", "k" * 129):
            self.refused("InvalidParameterValue", self.ec2.create_tags, Resources=[id],
                         Tags=[{"Key": key, "Value": ""}])
        self.refused("InvalidParameterValue", self.run_one, TagSpecifications=[
            {"ResourceType": "spot-instances-request", "Tags": [{"Key": "a", "Value": "b"}]}])

    def test_capacity_is_of_a_type_and_a_zone(self):
        self.region.say("capacity", type="t3.small", zone="us-east-1a", count=1)
        place = {"Placement": {"AvailabilityZone": "us-east-1a"}}
        self.run_one(**place)
        error = self.refused("InsufficientInstanceCapacity", self.run_one, **place)
        self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], 500)
        self.assertEqual(self.run_one()["Placement"]["AvailabilityZone"], "us-east-1b")
        self.region.say("capacity", type="t3.small", count=0)
        self.refused("InsufficientInstanceCapacity", self.run_one)
        self.region.say("unsupported", type="t3.large", zone="us-east-1a")
        self.refused("Unsupported", self.run_one, InstanceType="t3.large", **place)
        offered = self.ec2.describe_instance_type_offerings(
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": ["t3.large"]}])
        self.assertEqual([each["Location"] for each in offered["InstanceTypeOfferings"]],
                         ["us-east-1b", "us-east-1c"])
        self.region.say("set", instances_max=2)
        self.refused("VcpuLimitExceeded", self.run_one, InstanceType="t3.nano")

    def test_what_runs_has_to_fit(self):
        for code, params in (
                ("InvalidAMIID.NotFound", {"ImageId": "ami-00000001"}),
                ("InvalidAMIID.Malformed", {"ImageId": "noble"}),
                ("InvalidParameterValue", {"InstanceType": "t9.huge"}),
                ("InvalidParameterValue", {"InstanceType": "t4g.small"}),
                ("InvalidKeyPair.NotFound", {"KeyName": "nobody's"}),
                ("InvalidGroup.NotFound", {"SecurityGroups": ["nothing"]}),
                ("InvalidSubnetID.NotFound", {"SubnetId": "subnet-00000001"}),
                ("InvalidParameterValue", {"Placement": {"AvailabilityZone": "us-east-1z"}}),
                ("InvalidParameterValue", {"IamInstanceProfile": {"Name": "nobody"}}),
                ("InvalidParameterValue", {"UserData": "x" * 16385}),
                ("InvalidParameterValue", {"MinCount": 2}),
                ("DryRunOperation", {"DryRun": True}),
                ("InvalidBlockDeviceMapping", {"BlockDeviceMappings": [
                    {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 4}}]})):
            self.refused(code, self.run_one, **params)
        self.assertEqual(self.region.instances(), [])
        self.assertEqual(self.region.violations(), [])

    def test_what_was_asked_for_is_told_to_tests(self):
        id = self.run_one(
            UserData="#!/bin/sh\n", InstanceInitiatedShutdownBehavior="terminate",
            MetadataOptions={"HttpTokens": "required"}, IamInstanceProfile={"Name": "jobs"},
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1",
                                  "Ebs": {"VolumeSize": 30, "DeleteOnTermination": False}}],
            InstanceMarketOptions={"MarketType": "spot", "SpotOptions": {"MaxPrice": "1.0"}}
        )["InstanceId"]
        told = self.region.instance(id)
        self.assertEqual(told["user_data"], "#!/bin/sh\n")
        self.assertTrue(told["ends_by_shutdown"] and told["tokens_required"] and told["spot"])
        self.assertEqual((told["gibibytes"], told["profile"]), (30, "jobs"))
        self.ec2.terminate_instances(InstanceIds=[id])
        self.becomes(id, "terminated")
        self.assertEqual(len(self.region.say("instances")["volumes_left"]), 1)
        self.refused("SpotMaxPriceTooLow", self.run_one, InstanceMarketOptions={
            "MarketType": "spot", "SpotOptions": {"MaxPrice": "0.0001"}})

    def test_an_instance_that_is_stuck_stays_pending(self):
        self.region.say("stuck")
        stuck, other = self.run_one()["InstanceId"], self.run_one()["InstanceId"]
        self.becomes(other, "running")
        self.assertEqual(self.state(stuck), "pending")
        self.region.say("release", id=stuck)
        self.becomes(stuck, "running")

    def test_ec2_itself_ends_instances(self):
        id = self.run_one()["InstanceId"]
        self.region.say("end", id=id, code="Server.SpotInstanceTermination", message="Spot")
        self.becomes(id, "terminated")
        instance = self.ec2.describe_instances()["Reservations"][0]["Instances"][0]
        self.assertEqual(instance["StateReason"]["Code"], "Server.SpotInstanceTermination")

    def test_instances_of_others_are_there_too(self):
        id = self.region.say("add_instance", reservation="r-1", tags={"a": "b"})["id"]
        reservation = self.ec2.describe_instances()["Reservations"][0]
        self.assertEqual(reservation["ReservationId"], "r-1")
        self.assertEqual(reservation["Instances"][0]["InstanceId"], id)


class OthersTest(caller.EndpointTest):
    """Keys, groups, images, types, networks."""

    def test_keys_have_the_fingerprints_that_aws_tells(self):
        for kind in ("rsa", "ed25519"):
            made = self.ec2.create_key_pair(KeyName=kind, KeyType=kind)
            self.assertIn("PRIVATE KEY", made["KeyMaterial"])
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "key"
                file.touch(mode=0o600)
                file.write_text(made["KeyMaterial"])
                public = subprocess.check_output(["ssh-keygen", "-y", "-f", file])
            imported = self.ec2.import_key_pair(KeyName=f"{kind} 2", PublicKeyMaterial=public)
            if kind == "ed25519":
                self.assertEqual(imported["KeyFingerprint"], made["KeyFingerprint"])
            else:
                self.assertRegex(imported["KeyFingerprint"], "^([0-9a-f]{2}:){15}[0-9a-f]{2}$")
                self.assertRegex(made["KeyFingerprint"], "^([0-9a-f]{2}:){19}[0-9a-f]{2}$")
        self.assertEqual(len(self.ec2.describe_key_pairs()["KeyPairs"]), 4)
        self.refused("InvalidKeyPair.Duplicate", self.ec2.create_key_pair, KeyName="rsa")
        self.refused("InvalidKeyPair.Duplicate", self.ec2.import_key_pair, KeyName="rsa",
                     PublicKeyMaterial=public)
        self.refused("InvalidKey.Format", self.ec2.import_key_pair, KeyName="new",
                     PublicKeyMaterial=b"ssh-rsa AAAA")
        self.ec2.delete_key_pair(KeyName="rsa")
        self.ec2.delete_key_pair(KeyName="rsa")
        self.refused("InvalidKeyPair.NotFound", self.ec2.describe_key_pairs, KeyNames=["rsa"])

    def test_groups_let_in_whom_they_name(self):
        id = self.ec2.create_security_group(GroupName="g", Description="for jobs")["GroupId"]
        instance = self.run_one(SecurityGroups=["g"])["InstanceId"]
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                "IpRanges": [{"CidrIp": "10.1.2.3/8", "Description": "us"}]}
        self.ec2.authorize_security_group_ingress(GroupId=id, IpPermissions=[rule])
        self.assertFalse(self.region.instance(instance)["reachable"])
        self.refused("InvalidPermission.Duplicate", self.ec2.authorize_security_group_ingress,
                     GroupId=id, IpPermissions=[rule])
        self.ec2.authorize_security_group_ingress(
            GroupName="g", IpProtocol="tcp", FromPort=0, ToPort=100, CidrIp="127.0.0.1/32")
        self.assertTrue(self.region.instance(instance)["reachable"])
        group = self.ec2.describe_security_groups(GroupNames=["g"])["SecurityGroups"][0]
        self.assertEqual(group["IpPermissions"][0]["IpRanges"],
                         [{"CidrIp": "10.0.0.0/8", "Description": "us"}])
        self.ec2.revoke_security_group_ingress(
            GroupId=id, IpProtocol="tcp", FromPort=0, ToPort=100, CidrIp="127.0.0.1/32")
        self.refused("DependencyViolation", self.ec2.delete_security_group, GroupId=id)
        self.ec2.terminate_instances(InstanceIds=[instance])
        self.becomes(instance, "terminated")
        self.ec2.delete_security_group(GroupId=id)
        self.refused("InvalidGroup.NotFound", self.ec2.describe_security_groups, GroupIds=[id])

    def test_bad_groups_and_rules_are_refused(self):
        make, allow = self.ec2.create_security_group, self.ec2.authorize_security_group_ingress
        id = make(GroupName="g", Description="for jobs")["GroupId"]
        self.refused("InvalidGroup.Duplicate", make, GroupName="g", Description="again")
        self.refused("InvalidParameterValue", make, GroupName="sg-1", Description="x")
        self.refused("InvalidParameterValue", make, GroupName="g2", Description="für alle")
        for network in ("127.0.0.1", "300.0.0.0/8", ""):
            self.refused("InvalidParameterValue", allow, GroupId=id, IpProtocol="tcp", FromPort=22,
                         ToPort=22, CidrIp=network)
        self.refused("InvalidParameterValue", allow, GroupId=id, IpProtocol="tcp", FromPort=23,
                     ToPort=22, CidrIp="10.0.0.0/8")

    def test_a_private_subnet_has_no_public_addresses(self):
        subnets = self.ec2.describe_subnets(
            Filters=[{"Name": "default-for-az", "Values": ["false"]}])["Subnets"]
        private = subnets[0]["SubnetId"]
        self.refused("InvalidParameterCombination", self.run_one, SubnetId=private,
                     SecurityGroups=["default"])
        card = {"DeviceIndex": 0, "SubnetId": private, "AssociatePublicIpAddress": True}
        self.assertEqual(self.run_one(NetworkInterfaces=[card])["SubnetId"], private)
        self.refused("InvalidParameterCombination", self.run_one, NetworkInterfaces=[card],
                     SubnetId=private)
        self.assertEqual(len(self.ec2.describe_vpcs()["Vpcs"]), 2)
        self.assertEqual(len(self.ec2.describe_availability_zones()["AvailabilityZones"]), 3)
        self.assertEqual(len(self.ec2.describe_regions()["Regions"]), 1)

    def test_images_are_found_by_owner_and_name(self):
        images = self.ec2.describe_images(Owners=["099720109477"], Filters=[
            {"Name": "name", "Values": ["ubuntu/images/*-noble-24.04-amd64-server-*"]},
            {"Name": "state", "Values": ["available"]}])["Images"]
        self.assertEqual(len(images), 3)
        self.assertEqual(images[0]["RootDeviceName"], "/dev/sda1")
        mine = self.ec2.describe_images(Owners=["self"])["Images"]
        self.assertEqual([image["ImageId"] for image in mine],
                         ["ami-4c99c35b", "ami-0a00000000000000c"])
        other = self.other()
        self.refused("InvalidAMIID.NotFound", other.describe_images, ImageIds=["ami-4c99c35b"])

    def test_types_have_their_cores_and_memory(self):
        pages = self.ec2.get_paginator("describe_instance_types").paginate()
        types = {each["InstanceType"]: each for page in pages for each in page["InstanceTypes"]}
        self.assertGreater(len(types), 60)
        self.assertEqual(types["t2.micro"]["VCpuInfo"]["DefaultVCpus"], 1)
        self.assertEqual(types["c7i.xlarge"]["MemoryInfo"]["SizeInMiB"], 8192)
        self.refused("InvalidInstanceType", self.ec2.describe_instance_types,
                     InstanceTypes=["t9.huge"])


class FaultsTest(caller.EndpointTest):
    def test_errors_are_answered_in_place_of_the_truth(self):
        self.region.say("fault", action="DescribeInstances", code="RequestLimitExceeded",
                        status=503, count=2, skip=1)
        self.ec2.describe_instances()
        for _ in range(2):
            self.refused("RequestLimitExceeded", self.ec2.describe_instances)
        self.ec2.describe_instances()
        self.assertEqual([call["status"] for call in self.region.calls("DescribeInstances")],
                         [200, 503, 503, 200])

    def test_answers_can_be_no_answers(self):
        for kind in ("hang", "cut", "lost", "truncated", "garbage", "html"):
            self.region.say("fault", action="*", kind=kind)
            with self.assertRaises((botocore.exceptions.BotoCoreError,
                                    botocore.exceptions.ClientError,
                                    botocore.parsers.ResponseParserError), msg=kind):
                self.ec2.describe_instances()
        self.ec2.describe_instances()

    def test_a_wrong_word_to_the_control_is_an_error(self):
        for verb, fields in (("fly", {}), ("set", {"colour": 1}), ("fault", {"action": 1, "x": 2}),
                             ("fault", {"action": "*", "kind": "none"}), ("end", {"id": "i-1"})):
            with self.assertRaises(ValueError):
                self.region.say(verb, **fields)

    def test_the_callers_address_is_told(self):
        self.region.say("set", client_address="203.0.113.7")
        with urllib.request.urlopen(f"{self.region.control}/checkip") as answer:
            self.assertEqual(answer.read(), b"203.0.113.7\n")


class TlsTest(unittest.TestCase):
    def test_the_endpoint_speaks_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = f"{folder}/key", f"{folder}/certificate"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
                            certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost"], check=True, capture_output=True)
            with regions.Region("--no-machines", f"--certificate={certificate}",
                                f"--certificate-key={key}") as region:
                ec2 = caller.SESSION.create_client(
                    "ec2", region_name=region.region, endpoint_url=region.ec2, verify=certificate,
                    aws_access_key_id=region.access_key_id,
                    aws_secret_access_key=region.secret_access_key)
                self.addCleanup(ec2.close)
                self.assertEqual(ec2.describe_instances()["Reservations"], [])


class MetadataTest(caller.EndpointTest):
    def ask(self, path, method="GET", **headers):
        request = urllib.request.Request(self.region.metadata + path, method=method, headers={
            name.replace("_", "-"): value for name, value in headers.items()})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def test_the_keys_of_a_role_need_a_token(self):
        folder = "/latest/meta-data/iam/security-credentials/"
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask(folder)
        caught.exception.close()
        token = self.ask("/latest/api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="60")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.ask(folder, X_aws_ec2_metadata_token=token)
        caught.exception.close()
        self.region.say("role", access_key_id=self.region.access_key_id)
        role = self.ask(folder, X_aws_ec2_metadata_token=token)
        keys = json.loads(self.ask(folder + role, X_aws_ec2_metadata_token=token))
        self.client(keys["AccessKeyId"], keys["SecretAccessKey"]).describe_instances()
        self.assertEqual(self.ask("/latest/meta-data/placement/region",
                                  X_aws_ec2_metadata_token=token), self.region.region)


if __name__ == "__main__":
    unittest.main()
