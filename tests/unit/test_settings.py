"""Settings: a wrong or misspelt variable is named, a secret is never shown, the example is what the code says."""

from __future__ import annotations

import pytest

from dbsbm.core.errors import SettingsError
from dbsbm.core.settings import Settings, load
from local import settings_example

SECRETS = {name: f"very-private-{name}" for name, field in Settings.model_fields.items() if "Secret" in str(field)}


def test_a_misspelt_variable_is_named_with_the_one_that_is_meant() -> None:
    with pytest.raises(SettingsError, match="DISCORD_BOT_TOKN: no such setting; DISCORD_BOT_TOKEN is meant"):
        load({"DISCORD_BOT_TOKN": "x"})


@pytest.mark.parametrize(("typed", "meant"), [
    ("WEATHER_API_KEEY", "WEATHER_API_KEY"), ("API_SPORTS_KYE", "API_SPORTS_KEY"), ("FLAGS_BUKET", "FLAGS_BUCKET"),
    ("ESPN_URL", "ESPN_BASE_URL"), ("KEYRING_BUCKETS", "KEYRING_BUCKET"),
])  # fmt: skip
def test_what_begins_like_ours_is_not_ignored(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"{typed}: no such setting; {meant} is meant"):
        load({typed: "x"})


def test_an_invalid_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="ODDS_API_MONTHLY_CREDITS"):
        load({"ODDS_API_MONTHLY_CREDITS": "many"})


def test_variables_of_others_are_none_of_our_business() -> None:
    assert load({"PATH": "/bin", "DISCORD_FRESHNESS_S": "300", "AWS_REGION": "eu-west-1"}).aws_region == "eu-west-1"


def test_no_dump_shows_a_secret() -> None:
    assert {"database_url", "discord_bot_token", "token_key", "operations_token"} <= set(SECRETS)
    settings = load({name.upper(): value for name, value in SECRETS.items()})
    for dump in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "very-private" not in dump


def test_the_example_is_what_the_settings_are() -> None:
    assert settings_example.main(["--check"]) == 0
    text = settings_example.PATH.read_text()
    assert all(f"#{name.upper()}=" in text for name in Settings.model_fields)
