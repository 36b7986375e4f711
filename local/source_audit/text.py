"""Nothing committed is a secret, or a path or a package source of one machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from local.source_audit.finding import Finding

SECRETS = {
    "Discord bot token": re.compile(r"\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}\b"),
    "Discord webhook address": re.compile(r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{15,}/[\w-]{40,}"),
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "AWS secret key": re.compile(r"(?i)aws_?secret_?(?:access_?)?key[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+]{40}\b"),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    "Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}\b"),
    "password in an address": re.compile(
        r"\b(?:mysql|redis|rediss|https?)://[^\s/:@\"'{}<>]+:(?=[^\s/@]*\d)[^\s/@\"'{}<>]{8,}@"
    ),
    "secret set in code": re.compile(
        r"(?i)\b[\w]*(?:password|secret|token|api_?key)[\"']?\s*[:=]\s*[\"'](?=[^\"']*\d)(?=[^\"']*[A-Za-z])[\w+/=.-]{24,}[\"']"
    ),
}
MACHINE = {
    "path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/"),
    "package source of one machine": re.compile(
        r"(?i)(?:index-url|find-links)\s*[= ]\s*\S+|https?://[\w.-]*(?:artifactory|jfrog|nexus|pypi|npmjs)[\w.-]*/"
        r"(?!project/)"
    ),
}
FAKES = re.compile(r"(?i)example|(?:^|[^a-z])fake|not-a-secret|planted")
"""A line that says itself that its secret is none."""


def findings(path: Path, text: str) -> Iterator[Finding]:
    """Yield each line with a secret or a trace of a machine."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in SECRETS.items():
            if pattern.search(line) and not FAKES.search(line):
                yield Finding(path, number, "secret", what)
        for what, pattern in MACHINE.items():
            if pattern.search(line):
                yield Finding(path, number, "machine", what)
