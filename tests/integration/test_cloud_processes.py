"""Process mode: concurrency, crashes, kills, memory, reaping, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud, FunctionError, ThrottledError
from local.cloud.backends import ProcessBackend
from local.cloud.children import Children
from local.cloud.execution import LAYER, ROOT
from local.cloud.workers import high_water_mark_mb
from tests.integration.toy_cloud import toy_cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with toy_cloud("processes") as running:
        yield running


def _until(condition: Callable[[], Any]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.005)


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        threads = len(list(Path(f"/proc/{process}/task").iterdir()))
    except OSError:
        return False
    return state != "Z" or threads > 1  # its first thread may be gone while another still holds its connections


def _backend(cloud: Cloud) -> ProcessBackend:
    assert isinstance(cloud._backend, ProcessBackend)
    return cloud._backend


def test_calls_one_after_another_share_a_process_and_one_cold_start(cloud: Cloud) -> None:
    first, second = cloud.invoke("toy_crash", {}), cloud.invoke("toy_crash", {})
    assert first["process"] == second["process"]
    before, after = cloud.invocations("toy_crash")[-2:]
    assert before.init_ms is not None
    assert after.init_ms is None


def test_a_crash_is_an_error_and_the_next_call_gets_a_fresh_process(cloud: Cloud) -> None:
    before = cloud.invoke("toy_crash", {})["process"]
    with pytest.raises(FunctionError) as crash:
        cloud.invoke("toy_crash", {"how": "exit"})
    assert crash.value.error_type == "Runtime.ExitError"
    assert crash.value.message.endswith("Runtime exited with error: exit status 3")
    assert cloud.invoke("toy_crash", {})["process"] != before


def test_no_more_processes_than_the_catalog_allows(cloud: Cloud, tmp_path: Path) -> None:
    results: list[Any] = []
    event = {"folder": str(tmp_path)}
    threads = [threading.Thread(target=lambda: results.append(cloud.invoke("toy_gate", event))) for _ in range(2)]
    for thread in threads:
        thread.start()
    _until(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
    with pytest.raises(ThrottledError):
        cloud.invoke("toy_gate", event)
    (tmp_path / "open").touch()
    for thread in threads:
        thread.join()
    assert results == [{"done": True}] * 2
    assert cloud.invoke("toy_gate", event) == {"done": True}
    assert _backend(cloud).runner.size("toy_gate") == 2


def test_kill_nine_at_work_is_a_crash_to_the_caller(cloud: Cloud, tmp_path: Path) -> None:
    failures: list[FunctionError] = []

    def call() -> None:
        with pytest.raises(FunctionError) as failure:
            cloud.invoke("toy_gate", {"folder": str(tmp_path)})
        failures.append(failure.value)

    thread = threading.Thread(target=call)
    thread.start()
    _until(lambda: list(tmp_path.glob("begun-*")))
    assert cloud.kill_running("toy_gate") == 1
    thread.join()
    assert failures[0].message.endswith("signal: killed")


def test_a_process_killed_while_idle_is_replaced_without_an_error(cloud: Cloud) -> None:
    process = cloud.invoke("toy_crash", {})["process"]
    os.kill(process, signal.SIGKILL)
    _until(lambda: not _alive(process))
    assert cloud.invoke("toy_crash", {})["process"] != process


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the high-water mark is read from /proc")
def test_the_memory_high_water_mark_is_reported(cloud: Cloud) -> None:
    cloud.invoke("toy_memory", {"megabytes": 80})
    cloud.invoke("toy_memory", {"megabytes": 1})
    large, after = (each.memory_mb or 0.0 for each in cloud.invocations("toy_memory"))
    assert 80 < large < 160
    assert after >= large
    report = cloud.logs("toy_memory")[-1]
    assert (report["type"], report["record"]["status"]) == ("platform.report", "success")
    assert report["record"]["metrics"]["maxMemoryUsedMB"] == pytest.approx(after, abs=0.1)


def test_a_process_that_ended_as_it_answered_has_no_memory_mark() -> None:
    assert high_water_mark_mb(b"Name:\tpython\nVmHWM:\t   20480 kB\nVmRSS:\t  10 kB\n") == 20
    assert high_water_mark_mb(b"Name:\tpython\nState:\tZ (zombie)\n") is None


def test_idle_processes_are_reaped(cloud: Cloud) -> None:
    process = cloud.invoke("toy_log", {"count": 1}) and _backend(cloud).runner.size("toy_log")
    assert process == 1
    _backend(cloud).runner.reap(idle_s=0)
    assert _backend(cloud).runner.size("toy_log") == 0
    assert cloud.invoke("toy_log", {"count": 2}) == {"ok": True}


def test_stop_ends_every_process() -> None:
    cloud = toy_cloud("processes")
    processes = {cloud.invoke("toy_echo", {})["process"], cloud.invoke("toy_crash", {})["process"]}
    cloud.messages("failed-invocations")
    cloud.stop()
    cloud.stop()
    assert not [process for process in processes if _alive(process)]


PROGRAM = """
import sys, time
from local.cloud.workers import high_water_mark_mb
from tests.integration.toy_cloud import toy_cloud
cloud = toy_cloud("processes")
print(cloud.invoke("toy_echo", {})["process"], flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_a_killed_cloud(number: signal.Signals) -> None:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{LAYER}"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, cwd=ROOT
    ) as holder:
        assert holder.stdout is not None
        process = int(holder.stdout.readline())
        assert _alive(process)
        holder.send_signal(number)
    _until(lambda: not _alive(process))


def test_stopping_in_the_middle_of_work_is_quiet(tmp_path: Path) -> None:
    cloud = toy_cloud("processes")
    for _ in range(3):
        cloud.invoke("toy_gate", {"folder": str(tmp_path)}, asynchronous=True)
    _until(lambda: list(tmp_path.glob("begun-*")))
    cloud.stop()
    assert cloud.queue.idle()


def test_a_process_that_is_measured_writes_down_what_it_ran_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coverage import Coverage, CoverageData  # noqa: PLC0415 — this test alone reads one

    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / "measured"))
    config = Coverage(config_file=str(ROOT / "pyproject.toml"), source=["toy_crash"]).config
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", config.serialize())
    with toy_cloud("processes") as cloud:
        cloud.invoke("toy_crash", {})
    (written,) = tmp_path.glob("measured.*")
    data = CoverageData(str(written))
    data.read()
    assert {Path(name).parent.name for name in data.measured_files()} == {"toy_crash"}


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="the weight of a session is Linux's")
def test_what_nobody_waits_for_stands_behind_on_the_cores(tmp_path: Path) -> None:
    children = Children()
    try:
        processes = [children.start(("sleep", "60"), None, tmp_path / "log", behind=behind) for behind in (False, True)]
        weights = [Path(f"/proc/{process.pid}/autogroup").read_text().split()[-1] for process in processes]
    finally:
        children.stop()
    assert weights == ["0", "5"]
