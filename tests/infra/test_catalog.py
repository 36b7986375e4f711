"""The catalog and the templates hold the same things, looked at from either side."""

from __future__ import annotations

import json
import re

import pytest

from infra.catalog import CATALOG
from infra.catalog_proxy import SECRET
from tests.infra.conftest import Assembly, Resources, of_type

pytestmark = pytest.mark.xdist_group("synth")
PREFIXES = {"dbsbm-dev": "dev", "dbsbm-staging": "staging", "dbsbm-prod": "prod", "grown": "prod"}
NOT_LISTED = {"AccessLogs", "Trail"}
"""Buckets that only AWS itself writes to."""
CHOSEN = {"edge-token", SECRET}
"""Secrets that come with an option."""


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _buckets(resources: Resources) -> set[str]:
    names = {name[:-8].removeprefix("Storage") for name, _ in of_type(resources, "AWS::S3::Bucket")}
    return {"Trail" if name.startswith("Trail") else name.removeprefix("Bucket") for name in names}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_buckets_queues_secrets_and_keys_are_those_of_the_catalog(assembly: Assembly, prefix: str) -> None:
    data, records, stage = (
        assembly.resources(f"{prefix}-data"),
        assembly.resources(f"{prefix}-records"),
        PREFIXES[prefix],
    )
    assert _buckets(data) - NOT_LISTED == {_plain(b.name) for b in CATALOG.buckets if not b.locked_days}
    assert _buckets(records) - NOT_LISTED == {_plain(b.name) for b in CATALOG.buckets if b.locked_days}
    queues = {p["QueueName"] for _, p in of_type(data, "AWS::SQS::Queue")}
    assert queues == {f"dbsbm-{stage}-{queue.name}" for queue in CATALOG.queues}
    secrets = {p["Name"] for _, p in of_type(data, "AWS::SecretsManager::Secret")}
    chosen = {f"dbsbm/{stage}/{name}" for name in CHOSEN}
    assert secrets - chosen == {f"dbsbm/{stage}/{each.name}" for each in CATALOG.secrets if not each.made_by_rds}
    assert chosen <= secrets or (prefix != "grown" and not chosen & secrets)
    aliases = {p["AliasName"] for _, p in of_type(data, "AWS::KMS::Alias")}
    assert aliases == {f"alias/dbsbm-{stage}-{key.name}" for key in CATALOG.keys}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_retries_ages_and_failure_queues_are_those_of_the_catalog(assembly: Assembly, prefix: str) -> None:
    resources = assembly.code(f"{prefix}-functions")
    names = {name: p["FunctionName"].split("-", 2)[2] for name, p in of_type(resources, "AWS::Lambda::Function")}
    found = {}
    for _, config in of_type(resources, "AWS::Lambda::EventInvokeConfig"):
        kept = json.dumps(config["DestinationConfig"]["OnFailure"]["Destination"])
        [queue] = [queue.name for queue in CATALOG.queues if _plain(queue.name) in _plain(kept)]
        function = names[config["FunctionName"]["Ref"]]
        found[function] = (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"], queue)
    assert found == {f.name: (f.retries, f.max_age_s, f.on_failure.name) for f in CATALOG.functions}
