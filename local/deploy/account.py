"""The AWS account that a deployment goes to, through boto3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.servers import ServerError

_INVOKE_S = 900


class DeployError(ServerError):
    """A step could not be done; the text says what to do."""


class Account:
    """Clients of one account and region, as boto3's own settings say."""

    @cache  # noqa: B019 — one account for the life of a command
    def client(self, service: str) -> Any:
        config = Config(read_timeout=_INVOKE_S, retries={"total_max_attempts": 3}) if service == "lambda" else None
        return boto3.client(service, config=config)  # type: ignore[call-overload]

    def who(self) -> str:
        """Who is signed in.

        Raises
        ------
        DeployError
            When nobody is.
        """
        try:
            return str(self.client("sts").get_caller_identity()["Arn"])
        except (BotoCoreError, ClientError) as error:
            raise DeployError(f"not signed in to AWS ({error}): aws sso login, or set AWS_PROFILE") from error

    def outputs(self, stack: str) -> Mapping[str, str]:
        """What a stack prints.

        Raises
        ------
        DeployError
            When there is no such stack.
        """
        try:
            [found] = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            raise DeployError(f"{stack} is not there: ./dev deploy makes it in its step stacks") from error
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def has_stack(self, stack: str) -> bool:
        try:
            self.outputs(stack)
        except DeployError:
            return False
        return True

    def secret(self, name: str) -> str | None:
        """The current value; None while nobody put one in.

        Raises
        ------
        DeployError
            When it may not be read.
        """
        try:
            return str(self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise DeployError(f"{name}: {error}") from error

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """The answer of a function's alias ``live``.

        Raises
        ------
        DeployError
            With the function's own words when it failed.
        """
        answer = self.client("lambda").invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event))
        said = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise DeployError(f"{function}: {said}")
        return json.loads(said)
