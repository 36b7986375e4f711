"""What operators do about controls: state what they looked at, ask for exceptions and fixes, agree or refuse."""

from __future__ import annotations

from dbsbm.commands import answers
from dbsbm.commands.compliance import FUNCTION, control_of, operator_of, panel
from dbsbm.commands.telling import direct, operators_but, told_of
from dbsbm.commands.words.catalogue import Words
from dbsbm.commands.workflow_list import workflow_list
from dbsbm.compliance.attested import Said
from dbsbm.compliance.cases import workflows
from dbsbm.compliance.cases.findings import aside
from dbsbm.compliance.cases.repository import FindingRepository, WorkflowRepository
from dbsbm.compliance.cases.workflows import EXCEPTION_DAYS, OWN, Asked, WorkflowError
from dbsbm.compliance.model import Source
from dbsbm.compliance.store.model import Kind, Statement, Workflow, WorkflowState
from dbsbm.compliance.store.repository import StatementRepository
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Post, Reply, Result, Who, component, modal
from dbsbm.privacy.inventory import COLUMNS
from dbsbm.privacy.inventory.model import fingerprint

_TEXT = 400


@component("compliance.say", args=(str, Said), who=Who.OPERATOR, function=FUNCTION, answers="modal")
def say_form(ctx: Context, control_id: str, said: Said) -> Result:
    words = Words(ctx.person.locale)
    control_of(control_id)
    field = components.paragraph(words.plain("compliance.seen"), "reason", max_length=_TEXT)
    wire = custom_id.build("compliance.say", control_id, said)
    return Result(Reply("modal", components.modal(wire, words.plain("compliance.say_title"), field)))


@modal("compliance.say", args=(str, Said), who=Who.OPERATOR, function=FUNCTION, answers="update")
def say(ctx: Context, control_id: str, said: Said) -> Result:
    control = control_of(control_id)
    words = Words(ctx.person.locale)
    if control.source is not Source.PERSON:
        raise ConflictError(words("compliance.not_persons"))
    before = ctx.ids.new(), control_id, said, _reason(ctx), operator_of(ctx), ctx.clock.now()
    statement = Statement(*before, fingerprint(COLUMNS))
    StatementRepository(ctx.session).add(statement)
    noted = components.text(words("compliance.stated"))
    return Result(answers.redrawn(noted, *panel(ctx, control)))


@component("compliance.except", args=(str,), who=Who.OPERATOR, function=FUNCTION, answers="modal")
def except_form(ctx: Context, control_id: str) -> Result:
    words = Words(ctx.person.locale)
    control_of(control_id)
    reason = components.paragraph(words.plain("compliance.why"), "reason", max_length=_TEXT)
    days = components.text_field(words.plain("compliance.days", most=EXCEPTION_DAYS), "days", value="30", max_length=2)
    wire = custom_id.build("compliance.except", control_id)
    return Result(Reply("modal", components.modal(wire, words.plain("compliance.except_title"), reason, days)))


@modal("compliance.except", args=(str,), who=Who.OPERATOR, function=FUNCTION, answers="update")
def ask_exception(ctx: Context, control_id: str) -> Result:
    typed = str(ctx.interaction.options.get("days") or "").strip()
    if not typed.isdecimal() or not 1 <= int(typed) <= EXCEPTION_DAYS:
        raise InputError("days", typed, "is not a number of days from 1 to 90", "30")
    asked = Asked(Kind.EXCEPTION, control_id, operator_of(ctx), _reason(ctx), int(typed))
    return _begun(ctx, asked)


@component("compliance.fix", args=(str,), who=Who.OPERATOR, function=FUNCTION, answers="modal")
def fix_form(ctx: Context, control_id: str) -> Result:
    words = Words(ctx.person.locale)
    control_of(control_id)
    reason = components.paragraph(words.plain("compliance.why"), "reason", max_length=_TEXT)
    wire = custom_id.build("compliance.fix", control_id)
    return Result(Reply("modal", components.modal(wire, words.plain("compliance.fix_title"), reason)))


@modal("compliance.fix", args=(str,), who=Who.OPERATOR, function=FUNCTION, answers="update")
def ask_fix(ctx: Context, control_id: str) -> Result:
    control = control_of(control_id)
    if not control.fix:
        raise ConflictError(Words(ctx.person.locale)("compliance.no_fix"))
    return _begun(ctx, Asked(Kind.FIX, control_id, operator_of(ctx), _reason(ctx), details={"fix": control.fix}))


@component("compliance.back", args=(int,), who=Who.OPERATOR, function=FUNCTION)
def put_back(ctx: Context, workflow_id: int) -> Result:
    """Ask for a fix to be undone: with the states that were seen before it."""
    words = Words(ctx.person.locale)
    fixed = WorkflowRepository(ctx.session).lock(workflow_id)
    if fixed is None:
        raise NotFoundError("no such workflow")
    states = workflows.undone(fixed)
    if not states:
        raise ConflictError(words("compliance.moved_on"))
    details = {"fix": fixed.details["fix"], "states": states, "undoes": str(fixed.workflow_id)}
    return _begun(ctx, Asked(Kind.PUT_BACK, fixed.control, operator_of(ctx), fixed.reason, details=details))


@component("compliance.agree", args=(int,), who=Who.OPERATOR, function=FUNCTION)
def agree(ctx: Context, workflow_id: int) -> Result:
    return _decided(ctx, workflow_id, agreed=True)


@component("compliance.refuse", args=(int,), who=Who.OPERATOR, function=FUNCTION)
def refuse(ctx: Context, workflow_id: int) -> Result:
    return _decided(ctx, workflow_id, agreed=False)


def _begun(ctx: Context, asked: Asked) -> Result:
    words = Words(ctx.person.locale)
    control = control_of(asked.control)
    flows = WorkflowRepository(ctx.session)
    if any(each.kind is asked.kind and each.state is WorkflowState.OPEN for each in flows.of(asked.control, 20)):
        raise ConflictError(words("compliance.asked_already"))
    flow = flows.put(workflows.begun(ctx.ids.new(), asked, ctx.clock.now()))
    key = "compliance.asked" if asked.kind is Kind.EXCEPTION else "compliance.asked_fix"
    return Result(answers.redrawn(components.text(words(key)), *panel(ctx, control)), _told(ctx, flow))


def _told(ctx: Context, flow: Workflow) -> list[Post]:
    """To the others: that one of them has to agree, or what was decided; the machine's steps tell of themselves."""
    if flow.state is WorkflowState.OPEN and not workflows.waits(flow):
        return []
    return direct(operators_but(ctx.settings.operators, operator_of(ctx)), ctx.ids.new(), told_of(flow))


def _decided(ctx: Context, workflow_id: int, *, agreed: bool) -> Result:
    words = Words(ctx.person.locale)
    flows = WorkflowRepository(ctx.session)
    flow = flows.lock(workflow_id)
    if flow is None:
        raise NotFoundError("no such workflow")
    try:
        after = workflows.decided(flow, operator_of(ctx), ctx.clock.now(), agreed=agreed)
    except WorkflowError as error:
        key = "compliance.own" if error.detail == OWN else "compliance.moved_on"
        raise ConflictError(words(key)) from error
    flows.put(after)
    _put_aside(ctx, after)
    return Result(answers.redrawn(*workflow_list(ctx)), _told(ctx, after))


def _put_aside(ctx: Context, flow: Workflow) -> None:
    """An exception that holds stops the clock of its finding."""
    if flow.state is not WorkflowState.STANDING:
        return
    findings = FindingRepository(ctx.session)
    finding = findings.of(flow.control)
    excepted = aside(finding) if finding else None
    if excepted is not None:
        findings.put(excepted)


def _reason(ctx: Context) -> str:
    text = " ".join(str(ctx.interaction.options.get("reason") or "").split())[:_TEXT]
    if not text:
        raise InputError("reason", text, "is empty", "Moved to another bucket next month")
    return text
