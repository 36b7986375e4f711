"""The check of the documentation's links."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.run.docs_links import broken


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "local.md").write_text("# Running it locally\n\n## What `./dev up` starts\n")
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        "[local](docs/local.md)",
        "[starts](docs/local.md#what-dev-up-starts)",
        "![a slip](docs/local.md)",
        "[elsewhere](https://discord.com/developers)",
        "[here](#top)\n# Top",
        "```\n[not a link](nowhere.md)\n```",
    ],
)
def test_a_link_that_leads_somewhere_is_fine(root: Path, link: str) -> None:
    (root / "README.md").write_text(link)
    assert list(broken(root, Path("README.md"))) == []


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("[gone](docs/gone.md)", "README.md: docs/gone.md: no such file"),
        ("[gone](docs/local.md#gone)", "README.md: docs/local.md#gone: no such heading"),
        ("[gone](#gone)", "README.md: #gone: no such heading"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(root: Path, link: str, says: str) -> None:
    (root / "README.md").write_text(link)
    assert list(broken(root, Path("README.md"))) == [says]
