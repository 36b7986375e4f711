"""``/report``: the reports there are, as files, and who is sent them. For operators alone."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.commands import answers, wording
from dbsbm.commands.compliance import data, operator_of
from dbsbm.commands.words.catalogue import Words
from dbsbm.compliance.report.making import FORMATS, file_name
from dbsbm.compliance.report.series import Series
from dbsbm.compliance.store.model import Report
from dbsbm.compliance.store.repository import ReportRepository
from dbsbm.core.errors import NotFoundError
from dbsbm.core.ids import decode, encode
from dbsbm.discord import components
from dbsbm.discord.definitions import (
    Context,
    Image,
    Option,
    OptionType,
    Reply,
    Result,
    Who,
    autocomplete,
    command,
)

FUNCTION = "command_stats"
_LISTED = 15
_CHOICES = 25
_SERIES = tuple((each.value, each.value) for each in Series)


@command("report list", "Reports of the controls with their versions", who=Who.OPERATOR, function=FUNCTION)
def listed(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    reports = ReportRepository(ctx.session)
    found = reports.listed(_LISTED + 1)
    lines = [words("report.title")]
    lines += [
        words(
            "report.line",
            name=data(_name(each)),
            when=wording.moment(each.made_at),
            sha=data(str(each.files["oscal"]["sha256"])[:16]),
        )
        for each in found[:_LISTED]
    ]
    if len(found) > _LISTED:
        lines.append(words("report.older"))
    if len(lines) == 1:
        lines = [words("report.none")]
    for series in Series:
        people = ", ".join(reports.recipients(series.value)) or "-"
        lines.append(words("report.sent_to", series=data(series.value), people=data(people)))
    return Result(answers.private(components.text("\n".join(lines))))


@command(
    "report get",
    "A report as a file",
    who=Who.OPERATOR,
    mode="deferred",
    function=FUNCTION,
    options=(
        Option("report", "Which one", required=True, max_length=40),
        Option("format", "Kind of file", choices=tuple((name.upper(), name) for name in FORMATS)),
    ),
)
def get(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    name = str(ctx.interaction.options.get("format") or "pdf")
    report = _found(ctx, str(ctx.interaction.options["report"]))
    if name not in report.files:
        raise NotFoundError(f"no format {name!r}")
    file = file_of(report, name, words)
    told = components.text(words("report.given", name=data(_name(report)), sha=data(str(report.files[name]["sha256"]))))
    reply = answers.private(told, {"type": 13, "file": {"url": f"attachment://{file.file}"}})
    return Result(Reply(reply.kind, reply.data, (file,)))


@autocomplete("report get", "report", function=FUNCTION)
def complete_report(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    if ctx.person.user_id not in ctx.settings.operators:
        return ()
    found = ReportRepository(ctx.session).listed(_CHOICES, typed.strip())
    return [(_name(each), encode(each.report_id)) for each in found]


@command(
    "report receive",
    "Whether you are sent a series of reports when one is made",
    who=Who.OPERATOR,
    function=FUNCTION,
    options=(
        Option("series", "Which ones", required=True, choices=_SERIES),
        Option("wanted", "Yes or no", OptionType.BOOLEAN, required=True),
    ),
)
def receive(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    series, operator = str(ctx.interaction.options["series"]), operator_of(ctx)
    if series not in set(Series):
        raise NotFoundError(f"no series {series!r}")
    reports = ReportRepository(ctx.session)
    if ctx.interaction.options["wanted"] is True:
        reports.add_recipient(series, operator)
        return Result(answers.said(words("report.will_be_sent", series=data(series))))
    reports.drop_recipient(series, operator)
    return Result(answers.said(words("report.not_sent", series=data(series))))


def file_of(report: Report, name: str, words: Words) -> Image:
    """The file, taken from the bucket when it is sent."""
    file = report.files[name]
    return Image(
        file_name(report, name), words.plain("report.file"), "stored", {"key": file["key"], "sha256": file["sha256"]}
    )


def _name(report: Report) -> str:
    return f"{report.series} {report.period} v{report.version}"


def _found(ctx: Context, typed: str) -> Report:
    try:
        report = ReportRepository(ctx.session).find(decode(typed.strip().lower()))
    except ValueError as error:
        raise NotFoundError("no such report") from error
    if report is None:
        raise NotFoundError("no such report")
    return report
