"""Fresh processes of the tools' adapters, each in the environment of its tool."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import seqline
from peers.task import Task

BENCHMARKS = Path(__file__).parents[1]
_SOURCES = Path(seqline.__file__).parents[1]
PEERS = {
    "joeynmt": "JoeyNMT",
    "sockeye": "Sockeye",
    "opennmt": "OpenNMT-py",
    "marian": "Hugging Face transformers",
}


@dataclass(frozen=True)
class Tool:
    """A tool and the Python of its environment."""

    name: str
    python: Path

    def run(self, verb: str, task: Task) -> dict[str, float]:
        """``train`` or ``translate`` in an own process: what it wrote, and wall and processor time of it all."""
        folder = Path(task.folder)
        task.save(folder / "task.json")
        command = [str(self.python), "-m", f"peers.{self.name}", verb, str(folder / "task.json")]
        begin = time.perf_counter()
        with (folder / f"{verb}.log").open("w+") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment(task.threads), stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                log.seek(0)
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read()[-3000:]}")
        seen = json.loads((folder / ("speed.json" if verb == "train" else "decoding.json")).read_text())
        return seen | {"wall_s": time.perf_counter() - begin, "process_cpu_s": usage.ru_utime + usage.ru_stime}

    @property
    def version(self) -> dict[str, str]:
        """Of the tool and of its torch."""
        name = {"opennmt": "OpenNMT-py", "marian": "transformers"}.get(self.name, self.name)
        asked = f"from importlib.metadata import version as v; import torch; print(v({name!r}), torch.__version__)"
        found = subprocess.run(
            [str(self.python), "-c", asked], check=True, capture_output=True, text=True, env=environment(1)
        )
        tool, torch = found.stdout.split()
        return {self.name: tool, "torch": torch}


def environment(threads: int) -> Mapping[str, str]:
    """Ours, with the adapters to be found and the threads of every library bounded."""
    paths = os.pathsep.join((str(BENCHMARKS), str(_SOURCES)))
    bounds = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    return os.environ | bounds | {"PYTHONPATH": paths, "PYTHONWARNINGS": "ignore", "TOKENIZERS_PARALLELISM": "false"}


def present(pythons: Mapping[str, Path | None]) -> tuple[list[Tool], dict[str, str]]:
    """The tools at hand, Seqline first, and how to get the others."""
    found, absent = [Tool("seqline", Path(sys.executable))], {}
    for name, python in pythons.items():
        if python is not None and python.exists():
            found.append(Tool(name, python.absolute()))  # not resolved: the link is what makes it the environment's own
        else:
            absent[name] = (
                f"skipped: no {PEERS[name]}; python -m venv {name}-env && {name}-env/bin/pip install "
                f"-r benchmarks/peers/{name}.txt, then --{name} {name}-env/bin/python"
            )
    return found, absent


def skipped(tools: list[Tool], absent: Mapping[str, str], data: Path) -> dict[str, str]:
    """Why there is nothing to compare; empty where there is."""
    if not data.is_dir():
        return {"skipped": f"no {data}: the files of Multi30k, train.en.gz and so on; name their folder with --data"}
    return dict(absent) if len(tools) == 1 else {}


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def rounded(content: Mapping[str, Any], digits: int = 2) -> dict[str, Any]:
    """For people to read."""
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in content.items()}
