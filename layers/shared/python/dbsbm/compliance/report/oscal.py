"""OSCAL assessment results 1.2.1 (https://pages.nist.gov/OSCAL), valid by NIST's schema.

OSCAL has two states of a target, satisfied and not-satisfied. What is neither is given as not-satisfied with the reason
"other" and our own state as a property: an empty place would read as a pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from dbsbm.compliance.model import Source, State
from dbsbm.compliance.report.content import Content, Line

VERSION = "1.2.1"
_OURS = UUID("6b1d3f0a-6a43-5c0e-9a35-1f5f6f6d3c11")
_SPACE = "https://dbsbm.invalid/ns/controls"
_METHODS = {
    Source.TEMPLATE: "EXAMINE",
    Source.LIVE: "TEST",
    Source.DATA: "TEST",
    Source.PERSON: "INTERVIEW",
}
_PART = re.compile(r"\((\d+)\)")


def oscal(content: Content) -> bytes:
    """The document; the same content gives the same bytes."""
    stamp = content.made_at.isoformat()
    document = {
        "assessment-results": {
            "uuid": _uuid(content, "document"),
            "metadata": {
                "title": content.title,
                "last-modified": stamp,
                "version": str(content.version),
                "oscal-version": VERSION,
                "props": [
                    _property("series", content.series.value),
                    _property("period", content.period.name),
                    _property("period-from", content.period.since.isoformat()),
                    _property("period-until", content.period.until.isoformat()),
                ],
                "remarks": "Observations of a product about itself. Not an audit opinion.",
            },
            "import-ap": {
                "href": "#" + _uuid(content, "plan"),
                "remarks": "The plan is the product's list of controls; each observation names its own.",
            },
            "results": [_result(content)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": _uuid(content, "plan"),
                        "title": "Controls of the product",
                        "description": "Every control with its evidence and what is expected of it.",
                    }
                ]
            },
        }
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _result(content: Content) -> dict[str, Any]:
    return {
        "uuid": _uuid(content, "result"),
        "title": f"Run of {content.run.at.date()}",
        "description": f"All controls mapped to the frameworks of the {content.series.value} report.",
        "start": content.run.at.isoformat(),
        "end": content.run.at.isoformat(),
        "props": [_property("run", str(content.run.run_id)), _property("run-sha256", content.run.sha256)],
        "reviewed-controls": {"control-selections": [_selection(content.lines)]},
        "observations": [_observation(content, line) for line in content.lines],
        "findings": [_finding(content, line) for line in content.lines],
    }


def _selection(lines: Sequence[Line]) -> dict[str, Any]:
    """The NIST controls by OSCAL's ids, "sc-28.1"; requirements of others stand as properties of each finding."""
    named = {
        _PART.sub(r".\1", each.requirement).lower()
        for line in lines
        for each in line.control.maps
        if each.framework == "nist"
    }
    if not named:
        return {"include-all": {}}
    return {"include-controls": [{"control-id": name} for name in sorted(named)]}


def _observation(content: Content, line: Line) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "uuid": _uuid(content, f"observation:{line.control.control_id}"),
        "title": line.control.title,
        "description": line.result.observed,
        "methods": [_METHODS[line.control.source]],
        "types": ["control-objective"],
        "collected": (line.collected_at or content.run.at).isoformat(),
        "props": [_property("evidence-source", line.control.source.value.replace(" ", "-"))],
    }
    if line.result.evidence:
        observation["relevant-evidence"] = [
            {
                "href": f"evidence/{line.result.evidence}.json",
                "description": "The content that was judged, under its own hash.",
                "props": [_property("sha256", line.result.evidence)],
            }
        ]
    return observation


def _finding(content: Content, line: Line) -> dict[str, Any]:
    state = line.result.state
    status: dict[str, Any] = {"state": "satisfied" if state is State.SATISFIED else "not-satisfied"}
    if state is State.SATISFIED:
        status["reason"] = "pass"
    elif state is State.NOT_SATISFIED:
        status["reason"] = "fail"
    else:
        status |= {"reason": "other", "remarks": f"{state.value}: {line.result.observed}"}
    return {
        "uuid": _uuid(content, f"finding:{line.control.control_id}"),
        "title": line.control.title,
        "description": line.control.expected,
        "props": [
            _property("state", state.value),
            *(_property("requirement", named) for named in line.requirements),
        ],
        "target": {
            "type": "objective-id",
            "target-id": line.control.control_id,
            "title": line.control.title,
            "status": status,
        },
        "related-observations": [{"observation-uuid": _uuid(content, f"observation:{line.control.control_id}")}],
    }


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": _SPACE, "value": value}


def _uuid(content: Content, name: str) -> str:
    """A version 5 UUID: of the stage, the report's version and what it names."""
    return str(uuid5(_OURS, f"{content.stage}|{content.series}|{content.period.name}|{content.version}|{name}"))
