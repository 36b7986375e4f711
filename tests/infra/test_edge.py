"""``-c edge=on``: CloudFront and a WAF before the API, and no way around them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from infra.cdk.edge import ADDRESS_LIMIT, HEADER
from interactions.front_door import EDGE_HEADER, FrontDoor
from tests.infra.conftest import Assembly, Resources, of_type
from tests.signed import ENVIRON, NOW, OTHER_KEY, OTHER_SECRET, ROUTES, event, snowflake

in_template = pytest.mark.xdist_group("synth")
TOKEN = "said-by-the-edge-alone"
TOLD = {"EDGE_DIGEST": hashlib.sha256(TOKEN.encode()).hexdigest()}


def _one(resources: Resources, kind: str) -> dict[str, Any]:
    [(_, properties)] = of_type(resources, kind)
    return properties


def _front_door(resources: Resources) -> dict[str, Any]:
    functions = (p for _, p in of_type(resources, "AWS::Lambda::Function"))
    return next(p for p in functions if p["FunctionName"].endswith("-interactions"))


@in_template
def test_the_edge_says_its_token_over_tls_and_keeps_nothing(assembly: Assembly) -> None:
    resources = assembly.resources("grown-functions")
    config = _one(resources, "AWS::CloudFront::Distribution")["DistributionConfig"]
    [origin] = config["Origins"]
    [said] = origin["OriginCustomHeaders"]
    assert said["HeaderName"] == HEADER
    assert "{{resolve:secretsmanager:" in json.dumps(said["HeaderValue"])
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    behaviour = config["DefaultCacheBehavior"]
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
    assert set(behaviour["AllowedMethods"]) >= {"POST", "GET"}
    door = next(
        p for _, p in of_type(resources, "AWS::Lambda::Function") if p["FunctionName"].endswith("-interactions")
    )
    assert "resolve" not in json.dumps(door["Environment"])  # the front door is told the digest, by ./dev deploy
    assert "Distribution" in json.dumps(_outputs(assembly)["InteractionsEndpoint"])


def _outputs(assembly: Assembly) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((assembly.out / "grown-functions.template.json").read_text())
    outputs: dict[str, Any] = document["Outputs"]
    return outputs


@in_template
def test_the_waf_stops_one_address_that_floods_and_logs_no_signature(assembly: Assembly) -> None:
    resources = assembly.resources("grown-functions")
    acl = _one(resources, "AWS::WAFv2::WebACL")
    assert acl["Scope"] == "CLOUDFRONT"
    [rule] = acl["Rules"]
    assert rule["Statement"]["RateBasedStatement"]["Limit"] == ADDRESS_LIMIT
    assert "Block" in rule["Action"]
    hidden = json.dumps(_one(resources, "AWS::WAFv2::LoggingConfiguration")["RedactedFields"])
    assert "x-signature-ed25519" in hidden
    assert "authorization" in hidden


@in_template
def test_without_the_option_nothing_stands_before_the_api(functions: Resources) -> None:
    assert not list(of_type(functions, "AWS::CloudFront::Distribution"))
    assert not list(of_type(functions, "AWS::WAFv2::WebACL"))
    door = next(
        p for _, p in of_type(functions, "AWS::Lambda::Function") if p["FunctionName"].endswith("-interactions")
    )
    assert door["Environment"]["Variables"]["EDGE_DIGEST"] == ""


@pytest.mark.parametrize(
    ("said", "status"),
    [(TOKEN, 200), ("another", 401), ("", 401), (None, 401), (f"{TOKEN},x", 401)],
)
def test_the_front_door_refuses_who_does_not_come_by_the_edge(said: str | None, status: int) -> None:
    assert EDGE_HEADER == HEADER
    door = FrontDoor.from_environ({**ENVIRON, **TOLD}, routes=ROUTES, now=lambda: NOW, log=len)
    request = event({"type": 1, "id": snowflake()})
    if said is not None:
        request["headers"][HEADER] = said
    assert door(request)["statusCode"] == status


def test_the_check_before_traffic_needs_no_token_because_its_key_opens_so_little() -> None:
    environ = {**ENVIRON, **TOLD, "CANARY_PUBLIC_KEY": OTHER_KEY.hex()}
    door = FrontDoor.from_environ(environ, routes=ROUTES, now=lambda: NOW, log=len)
    assert door(event({"type": 1, "id": snowflake()}, secret=OTHER_SECRET))["statusCode"] == 200
