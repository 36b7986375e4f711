"""``/compliance reveal``: whose a pseudonym is, for a case, by the word of two operators whom Discord knows apart."""

from __future__ import annotations

from collections.abc import Iterator

from dbsbm.anonymity.pseudonym import whose
from dbsbm.anonymity.reveals.repository import OWN, Asked, RevealError, RevealRepository
from dbsbm.commands import answers
from dbsbm.commands.compliance import FUNCTION, data, operator_of
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.commands.workflow_list import workflow_list
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Context, Option, Result, Who, command, component
from dbsbm.privacy.people.repository import PeopleRepository
from dbsbm.security import sealed_text

_PAGE = 10_000


@command(
    "compliance reveal",
    "Ask whose a pseudonym of a data set is; another operator has to agree",
    who=Who.OPERATOR,
    function=FUNCTION,
    options=(
        Option("case", "Why: the number of a case", required=True, max_length=40),
        Option("dataset", "The data set it stands in", required=True, max_length=40),
        Option("pseudonym", "The name as it stands there", required=True, max_length=32),
    ),
)
def ask(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    given = {name: str(ctx.interaction.options[name]).strip() for name in ("case", "dataset", "pseudonym")}
    empty = next((name for name, text in given.items() if not text), None)
    if empty is not None:
        raise InputError(empty, "", "is empty", "case-12")
    asked = Asked(ctx.ids.new(), given["case"], given["dataset"], given["pseudonym"], operator_of(ctx))
    RevealRepository(ctx.session).ask(asked, ctx.clock.now())
    return Result(answers.said(words("compliance.asked")))


@component("compliance.reveal", args=(int,), who=Who.OPERATOR, function=FUNCTION)
def approve(ctx: Context, reveal_id: int) -> Result:
    """Another operator's word; from then on it may be looked at for a day."""
    try:
        RevealRepository(ctx.session).approve(reveal_id, operator_of(ctx), ctx.clock.now())
    except RevealError as error:
        raise _refused(ctx, error) from error
    return Result(answers.redrawn(*workflow_list(ctx)))


@component("compliance.look", args=(int,), who=Who.OPERATOR, function=FUNCTION)
def look(ctx: Context, reveal_id: int) -> Result:
    """Who it is, sealed in the stored answer. Nobody where they were erased."""
    words, now = Words(ctx.person.locale), ctx.clock.now()
    try:
        asked = RevealRepository(ctx.session).read(reveal_id, now)
    except RevealError as error:
        raise _refused(ctx, error) from error
    found = whose(ctx.index.keyed, asked.dataset, asked.pseudonym, _known(ctx.session))
    if found is None:
        return Result(answers.said(words("compliance.nobody", pseudonym=data(asked.pseudonym))))
    shown = Markdown(sealed_text.seal(ctx.tokens, f"<@{found}>"))
    return Result(answers.said(words("compliance.revealed", pseudonym=data(asked.pseudonym), user=shown)))


def _refused(ctx: Context, error: RevealError) -> ConflictError:
    return ConflictError(Words(ctx.person.locale)("compliance.own" if error.detail == OWN else "compliance.moved_on"))


def _known(session: Session) -> Iterator[int]:
    after = 0
    while page := PeopleRepository(session).known(after, _PAGE):
        yield from page
        after = page[-1]
