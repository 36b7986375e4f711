"""``./dev`` as a person uses it: what it says to wrong words, and that it leaves nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from infra.catalog import CATALOG
from local.run.arguments import parse
from local.run.children import commands
from local.run.tests import COVERAGE, NIGHTLY, OVERRIDES, asked
from local.servers import ROOT, free_port

DEV = str(ROOT / "dev")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An environment of its own: other ports, another ``.local``. Whatever still runs there is stopped."""
    own = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
    own["DBSBM_LOCAL_DIR"] = str(tmp_path / "local")
    own["DBSBM_HTTP_PORT"], own["DBSBM_DISCORD_PORT"] = str(free_port()), str(free_port())
    yield own
    _dev(own, "down")


def _dev(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DEV, *words], env=environment, capture_output=True, text=True, timeout=240, check=False)


def _get(port: str, path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.loads(answer.read())


def _healthy(port: str) -> bool:
    """On a busy machine the first look at the flags may come too late: they are read again within a minute."""
    until = time.monotonic() + 150
    while (said := _get(port, "/health")) != {"status": "ok"}:
        assert time.monotonic() < until, said
        time.sleep(1)
    return True


def _groups(environment: Mapping[str, str]) -> dict[str, int]:
    groups: dict[str, int] = json.loads((Path(environment["DBSBM_LOCAL_DIR"]) / "state.json").read_text())["groups"]
    return groups


@pytest.mark.slow
def test_up_serves_and_down_leaves_nothing_even_after_a_kill(place: Mapping[str, str]) -> None:
    first = _dev(place, "up", "--detach")
    assert first.returncode == 0, first.stderr
    assert f"http://127.0.0.1:{place['DBSBM_DISCORD_PORT']}/" in first.stdout
    assert _healthy(place["DBSBM_HTTP_PORT"])
    registered = {command["name"] for command in _get(place["DBSBM_DISCORD_PORT"], "/sim/commands")}
    assert {"setup", "capper", "bet", "stats"} <= registered
    community = _get(place["DBSBM_DISCORD_PORT"], "/sim/state")
    assert [guild["name"] for guild in community["guilds"]] == ["Sharp Side"]

    second = _dev(place, "up", "--detach")
    assert second.returncode == 1
    assert "runs already" in second.stderr

    invoked = _dev(place, "invoke", "api", "events/api.json")
    assert invoked.returncode == 0, invoked.stderr
    assert json.loads(invoked.stdout)["statusCode"] == 200
    for sample, status in (("interactions", 200), ("discord_events", 204)):
        answered = _dev(place, "invoke", sample, f"events/{sample}.json")
        assert json.loads(answered.stdout)["statusCode"] == status, answered.stdout
    held = _dev(place, "invoke", "job_retention", '{"v": 1, "hold": {"guild": "1", "case": "C-1", "by": "olga"}}')
    assert held.returncode == 0, held.stderr
    assert _dev(place, "migrate").stdout.strip() == "nothing to do"
    assert "Discord has them as they are" in _dev(place, "commands", "sync").stdout
    assert "── simulator" in _dev(place, "logs").stdout
    looked = _dev(place, "doctor").stdout
    assert "endpoint" in looked
    assert "broken" not in looked, looked

    state = json.loads((Path(place["DBSBM_LOCAL_DIR"]) / "state.json").read_text())
    os.kill(state["pid"], signal.SIGKILL)
    left = _groups(place)
    again = _dev(place, "up", "--detach")
    assert again.returncode == 0, again.stderr
    assert not any(commands(group) for group in left.values())
    assert _healthy(place["DBSBM_HTTP_PORT"])

    running = _groups(place)
    assert all(commands(group) for group in running.values())
    assert _dev(place, "down").stdout.strip() == "stopped"
    assert not any(commands(group) for group in running.values())
    assert _dev(place, "down").stdout.strip() == "nothing is running"


@pytest.mark.slow
def test_ctrl_c_stops_all_of_it(place: Mapping[str, str]) -> None:
    process = subprocess.Popen([DEV, "up"], env=place, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Ready"):
            break
    running = _groups(place)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    process.stdout.close()
    assert not any(commands(group) for group in running.values())


def test_a_taken_port_is_named_with_the_variable_that_chooses_another(place: Mapping[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(place["DBSBM_HTTP_PORT"])))
        taken.listen()
        refused = _dev(place, "up")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"./dev: port {place['DBSBM_HTTP_PORT']} is taken")
    assert "DBSBM_HTTP_PORT" in refused.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["deploy"], ["invoke", "api"], ["feed", "replay"], ["commands", "go"]])
def test_wrong_words_get_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: ./dev")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["invoke", "nobody", "events/api.json"], f"there are {', '.join(item.name for item in CATALOG.functions)}"),
        (["invoke", "api", "no-such.json"], "no-such.json: no such file"),
        (["invoke", "api", "events/api.json"], "start it with ./dev up"),
        (["invoke", "job_retention", '{"v": 1}'], "start it with ./dev up"),
        (["invoke", "job_retention", '{"v": 1'], '{"v": 1: not JSON: '),
        (["migrate"], "start it with ./dev up"),
        (["bench", "nothing"], "no measurement 'nothing'"),
        (["logs", "nothing"], "no log nothing"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(place: Mapping[str, str], words: list[str], says: str) -> None:
    done = _dev(place, *words)
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_test_does_not_know_goes_to_pytest() -> None:
    assert parse(["test", "-k", "up", "--maxfail=1"]).pytest == ["-k", "up", "--maxfail=1"]


def test_test_has_a_nightly_form_and_one_that_measures_coverage() -> None:
    words, environment = asked(["--nightly", "--coverage", "-k", "up"], {"PATH": "/bin"})
    assert words == [*COVERAGE, "-k", "up"]
    assert environment == {"PATH": "/bin", **NIGHTLY}
    assert asked(["-k", "up"], {}) == (["-k", "up"], {})


def test_every_command_of_the_readme_is_understood() -> None:
    words = {"NAME": "x", "FUNCTION": "x", "EVENT": "x", "DIR": "x", "STAGE": "x", "N": "1"}
    shown = re.findall(r"`\./dev ([^`]+)`", (ROOT / "README.md").read_text())
    assert shown
    for command in shown:
        plain = re.sub(r"[\[\]]", "", command).split(",")[0]
        parse([words.get(word, word) for word in plain.split()])
