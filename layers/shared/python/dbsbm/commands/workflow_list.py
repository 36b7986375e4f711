"""``/compliance workflows``: exceptions, fixes and reveals that wait or stand, and how the last ones ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dbsbm.anonymity.reveals.repository import RevealRepository
from dbsbm.commands import answers, wording
from dbsbm.commands.compliance import FUNCTION, data, within
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.compliance.cases.repository import WorkflowRepository
from dbsbm.compliance.cases.workflows import waits
from dbsbm.compliance.store.model import Kind, Step, Workflow, WorkflowState
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Result, Who, command

_LISTED = 50
_WAITING = 5
_REVEALS = 4
"""With these and their buttons a message has room for the rest."""
_ENDED = 5
_LATELY = timedelta(days=30)
_BELOW = 200
"""Room for how many there are besides, and for the title of what ended."""


@command(
    "compliance workflows",
    "Exceptions and fixes that wait or stand, and how the last ones ended",
    who=Who.OPERATOR,
    function=FUNCTION,
)
def workflows(ctx: Context) -> Result:
    return Result(answers.private(*workflow_list(ctx)))


def workflow_list(ctx: Context) -> list[Json]:
    """What waits for a person, each in full with its buttons, then what stands, then what ended lately.

    As many of them as there is room for: a message that is too long is not shown at all.
    """
    words, repository = Words(ctx.person.locale), WorkflowRepository(ctx.session)
    flows, reveals = repository.under_way(_LISTED), _reveals(ctx, words)
    ended = [flow_line(each, words) for each in repository.ended(ctx.clock.now() - _LATELY, _ENDED)]
    title = words("compliance.workflows", count=len(flows)) if flows else words("compliance.no_workflows")
    room = components.TEXT_MAX - len(title) - sum(len(each.get("content", "")) for each in reveals)
    shown: list[Json] = [components.text(title)]
    rest = []
    for each in flows:
        line = flow_line(each, words)
        if waits(each) and len(shown) < 2 * _WAITING and len(line) <= room - _BELOW:
            shown += [components.text(line), components.row(*_decisions(each, words))]
            room -= len(line)
        else:
            rest.append(line)
    if rest:
        below = "\n".join(within(rest, room - _BELOW // 2, words))
        shown.append(components.text(below))
        room -= len(below)
    if ended:
        title = words("compliance.ended")
        shown.append(components.text("\n".join([title, *within(ended, room - len(title) - 1, words)])))
    return [*shown, *reveals]


def _reveals(ctx: Context, words: Words) -> list[Json]:
    """Names that operators want to know, and those that may be looked at, each with its button."""
    shown: list[Json] = []
    for each in RevealRepository(ctx.session).standing(ctx.clock.now())[:_REVEALS]:
        asked = each.asked
        line = words(
            "compliance.reveal_open" if each.approved else "compliance.reveal_asked",
            pseudonym=data(asked.pseudonym),
            dataset=data(asked.dataset),
            case=data(asked.case_id),
            by=data(asked.by),
            until=wording.moment(each.until),
        )
        route = "compliance.look" if each.approved else "compliance.reveal"
        label = words.plain("compliance.look" if each.approved else "compliance.agree")
        button = components.button(label, custom_id.build(route, asked.reveal_id))
        shown += [components.text(line), components.row(button)]
    return shown


def _decisions(flow: Workflow, words: Words) -> list[Json]:
    agree = custom_id.build("compliance.agree", flow.workflow_id)
    refuse = custom_id.build("compliance.refuse", flow.workflow_id)
    return [
        components.button(words.plain("compliance.agree"), agree, Style.SUCCESS),
        components.button(words.plain("compliance.refuse"), refuse, Style.DANGER),
    ]


def flow_line(flow: Workflow, words: Words) -> Markdown:
    """How far it is, what it would change or has changed, and why it was refused or does not work."""
    over = flow.state not in (WorkflowState.OPEN, WorkflowState.STANDING)
    line = words(
        "compliance.flow_over" if over else "compliance.flow",
        kind=words.plain(f"compliance.kind_{flow.kind.value.replace('-', '_')}"),
        control=data(flow.control),
        state=words.plain(f"compliance.flow_{flow.state.value}"),
        step=words.plain(f"compliance.step_{flow.step.value.replace('-', '_')}"),
        by=data(flow.asked_by),
        reason=data(flow.reason),
        until=wording.moment(flow.due_at if over else _until(flow)),
    )
    return Markdown("\n".join([line, *_changes(flow, words), *_why(flow, words)]))


def _changes(flow: Workflow, words: Words) -> list[Markdown]:
    tried, applied = flow.details.get(Step.DRY_RUN.value), flow.details.get(Step.APPLY.value)
    if not tried:
        return []
    if applied:
        return [words("compliance.changed", changes=_named(applied["changed"]))]
    if tried["would_change"]:
        return [words("compliance.dry", changes=_named(tried["would_change"]))]
    return [words("compliance.dry_nothing")]


def _why(flow: Workflow, words: Words) -> list[Markdown]:
    if flow.state is WorkflowState.REJECTED and flow.decided_by:
        return [words("compliance.refused_by", by=data(flow.decided_by))]
    if flow.state is WorkflowState.REJECTED:
        return [words("compliance.agreed_by_nobody")]
    if flow.details.get("why"):
        return [words("compliance.failed_with", why=data(flow.details["why"]))]
    return [words("compliance.took_too_long")] if flow.state is WorkflowState.FAILED else []


def _named(things: Sequence[str]) -> Markdown:
    return data(", ".join(things) or "-")


def _until(flow: Workflow) -> datetime:
    return flow.ends_at if flow.kind is Kind.EXCEPTION and flow.ends_at else flow.due_at
