"""How a new version takes over: checked, then a tenth of the calls, then all, or back. No CDK import.

``infra/cdk/deployment.py`` hands these rules to CodeDeploy, ``local/rehearsal.py`` plays them through.
"""

from __future__ import annotations

from infra.catalog import SHIFTED

CHECK = "deployment_check"
FIRST_SHARE, BAKE_MINUTES = 0.1, 5
"""CodeDeployDefault.LambdaCanary10Percent5Minutes."""
_BACK_ON = {"interactions": ("interactions-errors", "interactions-failed", "api-5xx")}


def back_on(function: str) -> tuple[str, ...]:
    """Names of the alarms that take a function back: its own errors, the front door's also what people see."""
    return _BACK_ON.get(function, (f"{function}-errors",))


def every_alarm() -> tuple[str, ...]:
    return tuple(alarm for function in SHIFTED for alarm in back_on(function))
