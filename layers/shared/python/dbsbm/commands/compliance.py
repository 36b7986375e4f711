"""``/compliance``: what the controls came to, one of them in full, findings and workflows. For operators alone."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.commands import answers, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.compliance.attested import Said
from dbsbm.compliance.cases.findings import by_urgency
from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.cases.workflows import undone
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.frameworks import FRAMEWORKS
from dbsbm.compliance.model import Control, Source, State
from dbsbm.compliance.report.content import coverage_of
from dbsbm.compliance.store.model import Finding, FindingState, Kind, Result, WorkflowState
from dbsbm.compliance.store.repository import RunRepository
from dbsbm.core.errors import NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Option, Who, autocomplete, command
from dbsbm.discord.definitions import Result as Answer

FUNCTION = "command_stats"
_LISTED = 12
_HISTORY = 30
_MORE_ROOM = 40


def data(text: str) -> Markdown:
    """A text of the controls themselves, in the language of reports, shown as it stands."""
    return Markdown(f"`{text.replace('`', chr(39))}`")


def within(lines: Sequence[Markdown], room: int, words: Words) -> list[Markdown]:
    """As many whole lines as have room in so many characters, and how many there are besides."""
    shown: list[Markdown] = []
    left = room - _MORE_ROOM
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return [*shown, words("compliance.more", count=len(lines) - len(shown))]
        shown.append(line)
    return shown


def control_of(control_id: str) -> Control:
    """Raises NotFoundError."""
    control = CONTROLS.get(control_id)
    if control is None:
        raise NotFoundError(f"no control {control_id!r}")
    return control


def operator_of(ctx: Context) -> str:
    """The short name of whoever asks: the route let operators pass alone."""
    return ctx.settings.operators[ctx.person.user_id]


@command("compliance status", "What all controls came to, and what is not covered", who=Who.OPERATOR, function=FUNCTION)
def status(ctx: Context) -> Answer:
    words = Words(ctx.person.locale)
    runs = RunRepository(ctx.session)
    run = runs.newest()
    if run is None:
        return Answer(answers.said(words("compliance.no_run")))
    lines = [words("compliance.run", when=wording.moment(run.at), sha=data(run.sha256[:16]), took=run.took_ms)]
    lines += [
        words("compliance.counted", state=words.plain(_state_key(state)), count=run.counts[state]) for state in State
    ]
    lines.append(words("compliance.coverage"))
    for framework in FRAMEWORKS.values():
        coverage = coverage_of(framework, CONTROLS.values())
        lines.append(
            words(
                "compliance.covered",
                framework=data(framework.title),
                touched=len(coverage.touched),
                units=len(framework.units),
                machine=coverage.by_machine,
                missing=len(coverage.untouched),
            )
        )
    lines.append(words("compliance.hint"))
    return Answer(answers.private(components.text("\n".join(lines))))


@command(
    "compliance findings", "What is not satisfied, until when it is to be mended", who=Who.OPERATOR, function=FUNCTION
)
def findings(ctx: Context) -> Answer:
    words = Words(ctx.person.locale)
    standing = by_urgency(FindingRepository(ctx.session).standing().values())
    if not standing:
        return Answer(answers.said(words("compliance.no_findings")))
    lines = [words("compliance.findings", count=len(standing))]
    lines += [finding_line(each, words) for each in standing[:_LISTED]]
    if len(standing) > _LISTED:
        lines.append(words("compliance.more", count=len(standing) - _LISTED))
    return Answer(answers.private(components.text("\n".join(lines))))


@command(
    "compliance control",
    "One control: evidence, history, what can be done",
    who=Who.OPERATOR,
    function=FUNCTION,
    options=(Option("control", "Its name", required=True, max_length=48),),
)
def control(ctx: Context) -> Answer:
    return Answer(answers.private(*panel(ctx, control_of(str(ctx.interaction.options["control"])))))


@autocomplete("compliance control", "control", function=FUNCTION)
def complete_control(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    if ctx.person.user_id not in ctx.settings.operators:
        return ()
    wanted = typed.strip().lower()
    found = [each for each in CONTROLS.values() if wanted in each.control_id or wanted in each.title.lower()]
    return [(f"{each.control_id}: {each.title}"[:100], each.control_id) for each in found[:25]]


def panel(ctx: Context, control: Control) -> list[Json]:
    """A control with what it came to and the buttons for whoever operates."""
    words = Words(ctx.person.locale)
    runs = RunRepository(ctx.session)
    run = runs.newest()
    result = runs.results(run.run_id).get(control.control_id) if run else None
    lines = [
        words("compliance.control", control=data(control.control_id), title=data(control.title)),
        *_came_to(result, words),
        words("compliance.expected", expected=data(control.expected)),
        words("compliance.source", source=data(control.source.value), priority=words.plain(_priority_key(control))),
        words("compliance.maps", maps=data(_mappings(control))),
    ]
    history = [state for _, state in runs.history(control.control_id, _HISTORY)]
    wrong = history.count(State.NOT_SATISFIED)
    lines.append(words("compliance.history", runs=len(history), wrong=wrong))
    finding = FindingRepository(ctx.session).of(control.control_id)
    if finding is not None:
        lines.append(finding_line(finding, words))
    shown: list[Json] = [components.text("\n".join(lines))]
    buttons = [*_buttons(control, finding, words), *_undoing(ctx, control, words)]
    return [*shown, components.row(*buttons)] if buttons else shown


def _came_to(result: Result | None, words: Words) -> list[Markdown]:
    if result is None:
        return [words("compliance.not_judged")]
    lines = [words("compliance.state", state=words.plain(_state_key(result.state)), observed=data(result.observed))]
    if result.evidence:
        lines.append(words("compliance.evidence", sha=data(result.evidence)))
    return lines


def _mappings(control: Control) -> str:
    return "; ".join(f"{each.framework.upper()} {each.requirement} ({each.strength})" for each in control.maps)


def _buttons(control: Control, finding: Finding | None, words: Words) -> list[Json]:
    name = control.control_id
    if control.source is Source.PERSON:
        return [
            components.button(
                words.plain(f"compliance.say_{said.value.replace('-', '_')}"),
                custom_id.build("compliance.say", name, said),
                Style.PRIMARY if said is Said.AS_EXPECTED else Style.SECONDARY,
            )
            for said in Said
        ]
    if finding is None or finding.state is FindingState.CLOSED:
        return []
    asked = custom_id.build("compliance.except", name)
    buttons = [components.button(words.plain("compliance.except"), asked)]
    if control.fix:
        fix = custom_id.build("compliance.fix", name)
        buttons.append(components.button(words.plain("compliance.fix"), fix, Style.PRIMARY))
    return buttons


def _undoing(ctx: Context, control: Control, words: Words) -> list[Json]:
    """The way back from the fix that was applied last, in part or in whole."""
    for flow in WorkflowRepository(ctx.session).of(control.control_id, _HISTORY):
        if flow.kind is Kind.PUT_BACK and flow.state is WorkflowState.DONE:
            break
        if undone(flow):
            back = custom_id.build("compliance.back", flow.workflow_id)
            return [components.button(words.plain("compliance.put_back"), back)]
    return []


def finding_line(finding: Finding, words: Words) -> Markdown:
    return words(
        f"compliance.finding_{finding.state.value}",
        control=data(finding.control),
        priority=words.plain(f"compliance.priority_{finding.priority.value}"),
        since=wording.moment(finding.opened_at),
        due=wording.moment(finding.due_at),
        level=finding.level,
    )


def _state_key(state: State) -> str:
    return f"compliance.is_{state.value.replace('-', '_')}"


def _priority_key(control: Control) -> str:
    return f"compliance.priority_{control.priority.value}"
