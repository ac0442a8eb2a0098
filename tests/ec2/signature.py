"""Whether a request is signed as AWS demands it, computed anew by botocore."""

import calendar
import hmac
import re
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

import contract

SKEW_MAX_S = 300
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\d{8})/([^/, ]+)/([^/, ]+)/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;\-]+), ?Signature=([0-9a-f]{64})")
NOT_VALIDATED = "AWS was not able to validate the provided access credentials"


class BadSignature(contract.Violation):
    """A signature that another key or another request made."""


def check(request, accounts, region, now):
    """The key (of accounts.py) that signed `request`; raises contract.Refusal. `now` is the
    endpoint's own idea of the time."""
    found = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if not found:
        raise contract.Violation("AuthFailure", "no Authorization of AWS4-HMAC-SHA256", 401)
    access_key, date, signed_region, service, signed, signature = found.groups()
    key = accounts.keys.get(access_key)
    if key is None:
        raise contract.Refusal("AuthFailure", NOT_VALIDATED, 401)
    stamp = request.headers.get("X-Amz-Date", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp) or stamp[:8] != date:
        raise contract.Violation("AuthFailure", f"X-Amz-Date is {stamp!r}, signed is {date}", 401)
    if (signed_region, service) != (region, "ec2"):
        raise contract.Violation(
            "AuthFailure", f"Credential should be scoped to {region}/ec2, not "
            f"{signed_region}/{service}", 401)
    check_signed_headers(request, signed.split(";"))
    if not hmac.compare_digest(recomputed(request, key, region, stamp, signed), signature):
        raise BadSignature("AuthFailure", NOT_VALIDATED, 401)
    if request.headers.get("X-Amz-Security-Token") != key.token:
        raise contract.Refusal("AuthFailure", NOT_VALIDATED, 401)
    sent = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    if abs(sent - now) > SKEW_MAX_S:
        raise contract.Refusal("RequestExpired", "Request has expired.")
    if key.expires is not None and now >= key.expires:
        raise contract.Refusal(key.expired_code, "Request has expired.")
    return key


def check_signed_headers(request, signed):
    if signed != sorted(set(signed)):
        raise contract.Violation("AuthFailure", f"SignedHeaders are not sorted: {signed}", 401)
    demanded = {"host"} | {name.lower() for name in request.headers
                           if name.lower().startswith("x-amz-")}
    missing = demanded - set(signed) | {name for name in signed if name not in request.headers}
    if missing:
        raise contract.Violation("AuthFailure", f"not signed, or not there: {missing}", 401)


def recomputed(request, key, region, stamp, signed):
    target = urllib.parse.urlsplit(request.target)
    copy = botocore.awsrequest.AWSRequest(
        method=request.method, url=f"http://{request.headers['Host']}{target.path}"
        + (f"?{target.query}" if target.query else ""), data=request.body)
    for name in signed.split(";"):
        copy.headers[name] = request.headers[name]
    copy.context["timestamp"] = stamp
    credentials = botocore.credentials.Credentials(key.access_key_id, key.secret, key.token)
    signer = botocore.auth.SigV4Auth(credentials, "ec2", region)
    return signer.signature(signer.string_to_sign(copy, signer.canonical_request(copy)), copy)
