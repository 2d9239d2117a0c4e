"""The program that each language has to be driven by, and how it is built. A new language is a new entry."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parents[3] / "clients"
_BUILD_SECONDS = 600
_RUN_SECONDS = 60

Command = list[str]


def run(command: Command, order: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Hands the driver its order and returns what it reports."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("GATEHOLD_")}
    done = subprocess.run(
        command,
        input=json.dumps(order),
        capture_output=True,
        text=True,
        env={**variables, **environment},
        timeout=_RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout.rstrip("\n").rpartition("\n")[2])
    return report


def python(_: Path) -> Command:
    return [sys.executable, str(CLIENTS / "python/conformance/driver.py")]


def go(folder: Path) -> Command:
    _need("go")
    _build(["go", "build", "-o", str(folder / "driver"), "./conformance"], CLIENTS / "go")
    return [str(folder / "driver")]


def typescript(_: Path) -> Command:
    _need("node", "npm")
    if not (CLIENTS / "typescript/node_modules").is_dir():
        _build(["npm", "ci", "--no-audit", "--no-fund"], CLIENTS / "typescript")
    _build(["npm", "run", "--silent", "build"], CLIENTS / "typescript")
    return ["node", str(CLIENTS / "typescript/dist/conformance/main.js")]


def java(folder: Path) -> Command:
    _need("java", "mvn")
    paths = folder / "classpath"
    goals = ["-q", "-B", "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={paths}"]
    _build(["mvn", *goals], CLIENTS / "java")
    target = CLIENTS / "java/target"
    path = os.pathsep.join([str(target / "classes"), str(target / "test-classes"), paths.read_text().strip()])
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", path, "dev.gatehold.conformance.Main"]


DRIVERS: dict[str, Callable[[Path], Command]] = {"python": python, "go": go, "typescript": typescript, "java": java}


def _need(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{tool} is missing, and in CI no language is left out")
            pytest.skip(f"needs {tool}")


def _build(command: Command, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
