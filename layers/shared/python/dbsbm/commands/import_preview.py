"""What a person reads about a file: rows, what is wrong with which, totals, and what can be done."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from dbsbm.bets.imports.columns import REQUIRED
from dbsbm.bets.imports.model import MAX_ROWS, Import, ImportedBet, Problem, Reading
from dbsbm.bets.imports.reading import FileError
from dbsbm.betting.settlement import Grade
from dbsbm.betting.statistics import win_rate
from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style, cut
from dbsbm.discord.definitions import Json

_SHOWN = 12
_TYPED = 40
HASH_SHOWN = 12
"""Of the file's hash, in the buttons: what is confirmed is what was shown."""


def preview(file: Import, reading: Reading, known: int, words: Words) -> list[Json]:
    """The rows of a file, with *Import* when some of them are new."""
    new = len(reading.bets) - known
    lines = [words("import.read", name=cut(file.filename, 80), rows=reading.rows)]
    if reading.bets:
        lines.append(_totals(reading.bets, words))
        first, last = min(bet.at for bet in reading.bets), max(bet.at for bet in reading.bets)
        lines.append(words("import.span", first=wording.moment(first, "d"), last=wording.moment(last, "d")))
    if reading.day_first is not None:
        lines.append(words("import.day_first" if reading.day_first else "import.month_first"))
    if reading.repeated:
        lines.append(words("import.repeated", count=reading.repeated))
    if known:
        lines.append(words("import.known", count=known))
    lines.extend(_problems(reading, words))
    if not new:
        return [components.text("\n".join([*lines, words("import.nothing_new")]))]
    lines.append(words("import.about", user=wording.mention(file.capper_id)))
    confirm = custom_id.build("import.confirm", file.import_id, file.file_hash[:HASH_SHOWN])
    return [
        components.text("\n".join(lines)),
        components.row(
            components.button(words.plain("import.confirm", count=new), confirm, Style.PRIMARY),
            components.button(words.plain("import.cancel"), custom_id.build("import.cancel", file.import_id)),
        ),
    ]


def refused(error: FileError, words: Words) -> Markdown:
    """Why a file as a whole cannot be read, and what to do."""
    return words(f"import.file.{error.code}", **error.values)


def done(file: Import, words: Words) -> list[Json]:
    """A finished import, with *Undo import*."""
    told = words("import.done", count=file.imported, user=wording.mention(file.capper_id))
    return [components.text(told), components.row(undo_button(file, words.plain("import.undo")))]


def undo_button(file: Import, label: str) -> Json:
    return components.button(label, custom_id.build("import.undo", file.import_id), Style.DANGER)


def _totals(bets: tuple[ImportedBet, ...], words: Words) -> Markdown:
    counts = Counter(bet.grade for bet in bets)
    counted = [bet for bet in bets if bet.grade is not Grade.VOID]
    risk, profit = sum(bet.stake.risk_micro for bet in counted), sum(bet.profit_micro for bet in counted)
    return words(
        "import.totals",
        bets=len(bets),
        record=wording.record(counts),
        profit=wording.profit(profit),
        risk=wording.units(risk),
        roi=wording.gain(Fraction(profit, risk) if risk else None),
        rate=wording.percent(win_rate(counts)),
    )


def _problems(reading: Reading, words: Words) -> list[Markdown]:
    if not reading.problems:
        return []
    lines = [words("import.wrong", count=len(reading.problems))]
    lines += [_problem(problem, words) for problem in reading.problems[:_SHOWN]]
    more = len(reading.problems) - _SHOWN
    return [*lines, words("import.wrong_more", count=more)] if more > 0 else lines


def _problem(problem: Problem, words: Words) -> Markdown:
    reason = words(f"import.problem.{problem.code}", expected=problem.expected)
    if not problem.typed:
        return words("import.line_empty", line=problem.line, column=problem.column, reason=reason)
    typed = cut(problem.typed, _TYPED)
    return words("import.line", line=problem.line, column=problem.column, typed=typed, reason=reason)


def instructions(words: Words) -> Markdown:
    return words("import.how", required=", ".join(REQUIRED), most=MAX_ROWS)
