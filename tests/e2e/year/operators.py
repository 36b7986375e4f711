"""What those do who operate the service: keys in time and one too late, controls that break and are mended, a hold."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlencode

from dbsbm.core.http import HttpRequest
from infra.catalog import CATALOG, ROTATION_DAYS
from local.cloud.aws import call, headers
from local.cloud.execution import ACCOUNT, Names
from tests.e2e.test_compliance import TEMPLATES, asked, deployed
from tests.e2e.tour import press
from tests.e2e.world import World
from tests.e2e.year.clockwork import Clockwork
from tests.life import manager, rotate, version

NAMES = Names()
PRIVATE, VERSIONED = "live-buckets-private", "live-buckets-versioned"
BROKEN = (PRIVATE, VERSIONED, "live-lock", "alarms-exist", "keys-in-time", "live-secrets-age")
CASE = "2027-17"


class Operators:
    """Opal and Otto, and Secrets Manager's own turns, which a laptop's moto does not take by itself."""

    def __init__(self, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        self.world: World = clockwork.world
        self.opal, self.otto = (self.world.simulator.person(name) for name in ("opal", "otto"))
        self.changed: Counter[str] = Counter()
        self._rotated: dict[str, datetime] = {}
        self._versions = 0

    def begin(self) -> None:
        """Stacks are there, both want the monthly report; what a laptop's buckets lack is asked to be fixed."""
        deployed(self.world)
        self._template(["arn:aws:sns:us-east-1:123456789012:alarms"])
        for name in ("monthly", "quarterly", "annual"):
            self.opal.slash("report receive", series=name, wanted=True)
        for secret in self._generated():
            self._rotated[secret] = self.world.clock.now()
        self.clockwork.acted()

    def fix_buckets(self) -> None:
        """Two fixes from the list: one asks, the machine tries, the other agrees, the machine applies."""
        for control in (PRIVATE, VERSIONED):
            asked(self.opal, control, "compliance.fix", reason="As every bucket is to be")
        self.clockwork.acted()

    def agree(self) -> None:
        for _ in range(2):
            press(self.otto.slash("compliance workflows"), "compliance.agree")
        self.clockwork.acted()

    def unlock(self) -> None:
        """Somebody shortens the lock of the signed checkpoints to a day."""
        self._lock("checkpoints", 1)

    def lock_again(self) -> None:
        [bucket] = [each for each in CATALOG.buckets if each.name == "checkpoints"]
        self._lock("checkpoints", bucket.locked_days or 0)

    def silence(self) -> None:
        """A deployment by hand: an alarm that tells nobody."""
        self._template([])

    def speak_again(self) -> None:
        self._template(["arn:aws:sns:us-east-1:123456789012:alarms"])

    def open_bucket(self) -> None:
        """Somebody opens a bucket to the public in the console."""
        url = f"http://127.0.0.1/{NAMES.of('exports')}?publicAccessBlock="
        assert self.world.cloud.aws(HttpRequest("DELETE", url, headers("s3"))).status < 300

    def fix_opened(self) -> None:
        asked(self.opal, PRIVATE, "compliance.fix", reason="Nobody meant it to be open")
        self.clockwork.acted()

    def agree_to_it(self) -> None:
        press(self.otto.slash("compliance workflows"), "compliance.agree")
        self.clockwork.acted()

    def hold(self) -> None:
        event = {"v": 1, "hold": {"guild": str(self.world.guild.id), "case": CASE, "by": "opal"}}
        assert self.world.cloud.invoke("job_retention", event)["changed"] == 1

    def release(self) -> None:
        assert self.world.rows("SELECT 1 FROM outbox WHERE state = 'dead'"), "kept while the case stands"
        hold = {"guild": str(self.world.guild.id), "case": CASE, "by": "opal", "release": True}
        assert self.world.cloud.invoke("job_retention", {"v": 1, "hold": hold})["changed"] == 1

    def new_bot_token(self) -> None:
        """Reset at Discord, staged and promoted: the one before is nothing worth from that moment on."""
        self.world.simulator.bot_token += "1"
        self._staged("discord-bot-token", self.world.simulator.bot_token)

    def new_odds_key(self) -> None:
        self._staged("odds-api-key", f"key {self._versions}")

    def new_canary_key(self) -> None:
        self._staged("canary-key", f"{self._versions:064x}")

    def new_signing_key(self) -> None:
        """What a deployment with the next generation does."""
        aws = self.world.cloud._backend.aws()
        made = call(aws, "kms", "CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        alias = f"alias/{NAMES.of('audit')}"
        call(aws, "kms", "UpdateAlias", AliasName=alias, TargetKeyId=made["KeyMetadata"]["KeyId"])
        self.changed["signing key"] += 1

    def secrets_manager(self) -> None:
        """Its turn each day: what is as old as its schedule says is rotated, at the end of that day."""
        for secret, function in self._generated().items():
            if self.world.clock.now() - self._rotated[secret] >= timedelta(days=ROTATION_DAYS):
                self._versions += 1
                rotate(self.world.cloud, function, secret, self._versions)
                self._rotated[secret] = self.world.clock.now()
                self.changed[secret] += 1

    def _generated(self) -> dict[str, str]:
        return {each.name: each.rotated_by for each in CATALOG.secrets if each.rotated_by == "rotate_generated"}

    def _staged(self, secret: str, text: str) -> None:
        self._versions += 1
        manager(
            self.world.cloud,
            "PutSecretValue",
            secret,
            ClientRequestToken=version(self._versions),
            SecretString=text,
            VersionStages=["AWSPENDING"],
        )
        assert self.world.cloud.invoke("job_secrets", {"v": 1, "promote": secret})["promoted"]
        self.changed[secret] += 1

    def _lock(self, name: str, days: int) -> None:
        """S3 lets an operator change the default retention; moto refuses once the bucket has objects."""
        from moto.s3.models import s3_backends  # noqa: PLC0415 — half a second

        s3_backends[ACCOUNT]["aws"].buckets[NAMES.of(name)].default_lock_days = days

    def _template(self, actions: list[str]) -> None:
        """The stack of the functions, with an alarm that has these actions."""
        alarm = {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": "delivery-errors", "AlarmActions": actions, "Namespace": "AWS/Lambda", "Statistic": "Sum",
                "MetricName": "Errors", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "Period": 60,
                "EvaluationPeriods": 1,
            },
        }  # fmt: skip
        template = {"Resources": {**TEMPLATES["functions"], "Alarm": alarm}}
        body = {"Action": "UpdateStack", "Version": "2010-05-15", "StackName": NAMES.of("functions")}
        sent = headers("cloudformation") | {"content-type": "application/x-www-form-urlencoded"}
        typed = urlencode(body | {"TemplateBody": json.dumps(template)}).encode()
        answer = self.world.cloud.aws(HttpRequest("POST", "http://127.0.0.1/", sent, typed))
        assert answer.status == 200, answer.body
