"""Goes through the steps, says what each did, and writes the deployment into the history however it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from dbsbm.core.errors import DbsbmError
from local.deploy.history import Entry, History, Outcome, Step
from local.deploy.steps import STEPS, Deployment, live_versions, rolled_back
from local.servers import ServerError

OUTPUT = "DeploymentsBucket"
"""Output of the data stack: where the history lies."""
Say = Callable[[str], object]


def deploy(deployment: Deployment, names: Sequence[str], *, commit: str, say: Say) -> Entry:
    """Do these steps in their order; the first that fails ends it."""
    who, began = deployment.account.who(), datetime.now(UTC)
    done: list[Step] = []
    for name in STEPS:
        if name in names:
            done.append(_step(deployment, name))
            say(f"  {'ok' if done[-1].good else 'FAILED':<7} {name:<10} {done[-1].seconds:6.1f} s  {done[-1].detail}")
            if not done[-1].good:
                break
    outcome = _outcome(deployment, done, began)
    entry = Entry(deployment.stage, began, commit, who, outcome, tuple(done), live_versions(deployment))
    _keep(deployment, entry, say)
    return entry


def history(deployment: Deployment) -> History:
    """The stage's history.

    Raises
    ------
    DeployError
        When the stage has never been deployed.
    """
    bucket = deployment.account.outputs(deployment.name("data"))[OUTPUT]
    return History(deployment.account.client("s3"), bucket)


def _step(deployment: Deployment, name: str) -> Step:
    began = time.monotonic()
    try:
        said, good = STEPS[name](deployment), True
    except (ServerError, DbsbmError, BotoCoreError, ClientError) as error:
        said, good = str(error), False
    return Step(name, good, round(time.monotonic() - began, 1), said)


def _outcome(deployment: Deployment, done: Sequence[Step], began: datetime) -> Outcome:
    if all(step.good for step in done):
        return "succeeded"
    return "rolled back" if done[-1].name == "shift" and rolled_back(deployment, began) else "failed"


def _keep(deployment: Deployment, entry: Entry, say: Say) -> None:
    """A first deployment that failed before its bucket was there leaves only what was printed."""
    try:
        history(deployment).add(entry)
    except (ServerError, BotoCoreError, ClientError) as error:
        say(f"  not in the history: {error}")
