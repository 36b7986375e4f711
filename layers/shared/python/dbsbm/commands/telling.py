"""Direct messages to those who operate the service, and what they say of exceptions and fixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.commands.workflow_list import flow_line
from dbsbm.compliance.cases.workflows import waits
from dbsbm.compliance.store.model import Workflow
from dbsbm.discord import components
from dbsbm.discord.definitions import Image, Json, Post

WORDS = Words()
"""Of what is sent rather than asked for: nobody's language is known."""


def direct(people: Sequence[int], cause: int, told: Markdown, files: Sequence[Image] = ()) -> list[Post]:
    """The same message to each of them."""
    shown: list[Json] = [components.text(told)]
    shown += [{"type": 13, "file": {"url": f"attachment://{each.file}"}} for each in files]
    message = components.message(*shown)
    return [
        Post("direct.post", f"operator:{cause}:{place}", {"user_id": str(person)}, message, files)
        for place, person in enumerate(people)
    ]


def operators_but(operators: Mapping[int, str], name: str) -> list[int]:
    """Everybody's numbers, without those of one of them."""
    return [number for number, each in operators.items() if each != name]


def told_of(flow: Workflow) -> Markdown:
    """Where it is now, and where to agree if it waits for that."""
    hint = [WORDS("compliance.to_agree")] if waits(flow) else []
    return Markdown("\n".join([flow_line(flow, WORDS), *hint]))
