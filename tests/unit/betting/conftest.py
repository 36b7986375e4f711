"""Where the shared feeds and vectors lie; they are not part of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("shared_machine", deadline=None)  # other work on the machine must not fail a test
settings.load_profile("shared_machine")
SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared test data. Skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here: it comes with the workspace, not with the repository")
    return SHARED
