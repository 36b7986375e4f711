"""What ``./dev`` understands. Standard library alone: it runs before anything is installed."""

from __future__ import annotations

import argparse
from typing import Literal, NamedTuple, TypeAlias


class Needs(NamedTuple):
    """What has to be there before a command can run.

    ``servers``: MariaDB and Redis are wanted never, unless a variable replaces them by one elsewhere, or always
    (tests and measurements empty what they use, so they take nobody else's).
    """

    packages: bool = True
    servers: Literal["never", "unless_replaced", "always"] = "never"
    browser: bool = False


NEEDS = {
    "up": Needs(servers="unless_replaced"),
    "test": Needs(servers="always", browser=True),
    "bench": Needs(servers="always"),
    "drill": Needs(servers="always"),
    "doctor": Needs(packages=False),
    "fresh-test": Needs(packages=False),
}
"""Commands that are not here need the Python packages alone."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="./dev", description="Run, test and deploy DBSBM. Settings by environment variable: see .env.example."
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _running(commands)
    _proving(commands)
    _cloud(commands)
    return top


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse; what ``test`` does not know itself goes to pytest as it stands.

    Raises
    ------
    SystemExit
        With status 2 and the usage on standard error when the arguments are wrong.
    """
    if arguments[:1] == ["test"] and arguments[1:2] not in (["-h"], ["--help"]):
        return argparse.Namespace(command="test", pytest=arguments[1:])
    return parser().parse_args(arguments or ["--help"])


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _running(commands: Commands) -> None:
    up = commands.add_parser("up", help="start everything, load the demo, stay until Ctrl-C")
    up.add_argument("--detach", action="store_true", help="return when all is ready; ./dev down stops it")
    commands.add_parser("down", help="stop what ./dev up started")
    logs = commands.add_parser("logs", help="show the logs")
    logs.add_argument("name", nargs="?", help="one of them, e.g. simulator; all when left out")
    logs.add_argument("--follow", "-f", action="store_true", help="go on as lines come")
    invoke = commands.add_parser("invoke", help="invoke one function of the running local cloud")
    invoke.add_argument("function", metavar="FUNCTION", help="its name in infra/catalog.py")
    invoke.add_argument("event", metavar="EVENT", help="a file, e.g. from events/, or the JSON itself")
    migrate = commands.add_parser("migrate", help="bring the database's tables up to date")
    migrate.add_argument("--down", action="store_true", help="take back the latest migration")
    commands_ = commands.add_parser("commands", help="Discord's list of our commands")
    commands_.add_argument("action", choices=["sync"], help="register what changed")
    outbox = commands.add_parser("outbox", help="what delivery gave up: list, retry, drop, reconcile")
    outbox.add_argument("action", choices=["list", "retry", "drop", "reconcile"], help="reconcile looks in the channel")
    outbox.add_argument("rows", nargs="*", metavar="ROW", help="row ids, as list shows them")
    outbox.add_argument("--all", action="store_true", help="every row that needs a person")
    _audit(commands)
    _flags(commands)
    _secrets(commands)
    sql = commands.add_parser("sql", help="one statement that reads; of a stage, who asked it and why is kept")
    sql.add_argument("sql", metavar="STATEMENT")
    sql.add_argument("--why", default="", help="needed with --stage")
    sql.add_argument(
        "--stage", metavar="STAGE", help="dev, staging or prod, with AWS's own variables; else what runs here"
    )
    _backups(commands)
    feed = commands.add_parser("feed", help="recorded games and odds")
    feed.add_argument(
        "action", choices=["replay", "rebuild"], help="play a recording; make games again from what was kept"
    )
    feed.add_argument("directory", metavar="DIR|URL", help="a folder of recorded documents; an empty schema's address")
    feed.add_argument("--speed", type=float, default=1.0, help="seconds of the recording per second (default 1)")


def _audit(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="the audit log: go through it, find entries")
    actions = audit.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("fsck", help="rows, leaves, tiles and signed checkpoints: name the first that does not fit")
    actions.add_parser("rejoin", help="after a restore: bring back from the bucket what was signed since the backup")
    search = actions.add_parser("search", help="entries of one guild, newest first")
    search.add_argument("--guild", type=int, required=True, metavar="ID", help="0: what is of no guild")
    search.add_argument("--actor", type=int, metavar="USER", help="what somebody did")
    search.add_argument("--bet", metavar="NUMBER", help="what became of a bet, by its number in Details")
    search.add_argument("--object", metavar="NAME", help="any other object, e.g. privacy:123, hold:case-1, guild, USER")
    search.add_argument("--kind", help="e.g. bet.decided; dbsbm/audit/events.py has all of them")
    search.add_argument("--since", metavar="TIME", help="2026-09-13 or 2026-09-13T15:00")
    search.add_argument("--until", metavar="TIME")
    search.add_argument("--limit", type=int, default=50)


def _backups(commands: Commands) -> None:
    backup = commands.add_parser("backup", help="make a backup now; BACKUP_BUCKET and its like name another stage's")
    backup.add_argument("--full", action="store_true", help="a whole one, whatever the last one has")
    backup.add_argument("--guild", type=int, default=0, metavar="ID", help="of one community alone")
    restore = commands.add_parser("restore", help="bring back everything, or one community")
    restore.add_argument("--list", action="store_true", help="the backups there are, each proven as far as asked")
    restore.add_argument("--at", metavar="TIME", help="2026-11-20 (its end) or 2026-11-20T15:00; the newest without it")
    restore.add_argument("--guild", type=int, default=0, metavar="ID", help="this community, in the database in use")
    restore.add_argument("--into", metavar="URL", help="everything, into an empty schema: mysql://…/name")
    commands.add_parser("drill", help="restore the newest backup into a new server, erase again, look at its health")


def _flags(commands: Commands) -> None:
    flags = commands.add_parser("flags", help="switches and rate limits; FLAGS_BUCKET names another stage's")
    actions = flags.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="what holds, or an earlier version")
    show.add_argument("version", nargs="?", type=int, metavar="VERSION")
    change = actions.add_parser("set", help="commands.bet=off|25%%|on  providers.espn=off|on  limits.person.free=90")
    change.add_argument("changes", nargs="+", metavar="NAME=VALUE")
    change.add_argument("--why", required=True, help="what people read who meet it; kept with the version")
    back = actions.add_parser("rollback", help="let an earlier version hold again, as a new one")
    back.add_argument("version", type=int, metavar="VERSION")
    back.add_argument("--why", default="", help="kept with the version")


def _secrets(commands: Commands) -> None:
    secrets = commands.add_parser("secrets", help="how old they are; the next value of one that others make")
    actions = secrets.add_subparsers(dest="action", metavar="ACTION", required=True)
    status = actions.add_parser("status", help="the age of each, and what is due, staged or stuck")
    stage = actions.add_parser(
        "stage", help="put the next value beside the one in use; it is asked for, or read from stdin"
    )
    promote = actions.add_parser("promote", help="have what is staged tested, and used")
    for action in (stage, promote):
        action.add_argument("name", metavar="NAME", help="discord-bot-token, odds-api-key, …")
    for action in (status, stage, promote):
        action.add_argument("--stage", metavar="STAGE", help="dev, staging or prod; else what runs here")


def _proving(commands: Commands) -> None:
    test = "run the test suite; --nightly with more faults, --coverage measured; further arguments go to pytest"
    commands.add_parser("test", help=test, add_help=False)
    check = commands.add_parser("check", help="formatting, lint, types, import rules, audit, generated files, docs")
    check.add_argument("names", nargs="*", metavar="NAME", help="only these checks")
    bench = commands.add_parser("bench", help="measure; writes bench/results/<name>.json")
    bench.add_argument("name", nargs="?", help="one of bench/*.py; the list when left out")
    bench.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    fresh = commands.add_parser("fresh-test", help="run the README's commands in a new minimal Debian (root, minutes)")
    fresh.add_argument("--keep", action="store_true", help="leave the machine's folder for a look")


def _cloud(commands: Commands) -> None:
    synth = commands.add_parser("synth", help="write the CloudFormation templates to cdk.out/")
    diff = commands.add_parser("diff", help="what a deployment would change")
    cost = commands.add_parser("cost", help="what a month costs, from the templates and infra/prices.json")
    cost.add_argument("--write", action="store_true", help="write docs/cost.md")
    deploy = commands.add_parser("deploy", help="deploy a stage: every step, or from one on")
    deploy.add_argument("stage", metavar="STAGE", help="dev, staging or prod")
    deploy.add_argument("--from", dest="first", metavar="STEP", help="begin with this step")
    deploy.add_argument("--only", action="append", default=[], metavar="STEP", help="this step alone; may be repeated")
    deployments = commands.add_parser("deployments", help="what was deployed when, by whom, and how it ended")
    deployments.add_argument("stage", metavar="STAGE", help="dev, staging or prod")
    deployments.add_argument("--most", type=int, default=20, metavar="N", help="so many, the newest first")
    doctor = commands.add_parser("doctor", help="say what is missing or broken, and the cure")
    doctor.add_argument("--stage", metavar="STAGE", help="the AWS account's quotas and what this stage stands on")
    for command in (synth, diff, deploy, deployments, doctor):
        command.add_argument(
            "-c", "--context", action="append", default=[], metavar="NAME=VALUE", help="an option of docs/growing.md"
        )
