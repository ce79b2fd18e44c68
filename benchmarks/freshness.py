"""From a file that is dropped in to the champion that serves it: a team's whole set-up, and a table of the times.

python benchmarks/freshness.py [--folder DIR] [--pairs 500] [--margin 5]

In a clone of this checkout the phrasebook gets a second corpus, ``incoming/*.tsv``. The first model is made and
promoted; `python -m flows serve` keeps it fresh (`look` every minute, not every ten) and `seqline serve` serves it.
Then a file of new pairs is dropped in, and the clock runs until the server answers with the new version. What is
measured is the way, so the gate's margins are wide: how good a model is and whether it passes are other questions.
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from peers import yaml

from seqline.corpus.phrasebook.sampling import Sampler

ROOT = Path(__file__).parents[1]
SERVE_S, RETRAIN_S = 600.0, 7200.0


def prepare(folder: Path, options: argparse.Namespace) -> Path:
    """A clone with a watched folder, in which one file lies already; or the one that an earlier call has left."""
    project = folder / "project"
    if project.is_dir():
        return project
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(project)], check=True)
    params = yaml.read(project / "params.yaml")
    params["download"]["corpora"].append(
        {"kind": "local", "name": "incoming", "split": "train", "table": "incoming/*.tsv", "licence": "ours"}
    )
    params["promote"] |= {"margin_bleu": options.margin, "margin_chrf": options.margin, "max_slice_loss": 100.0}
    yaml.write(params, project / "params.yaml")
    schedule = project / "prefect.yaml"
    schedule.write_text(schedule.read_text("utf-8").replace('"5-59/10 * * * *"', '"* * * * *"'), "utf-8")
    drop(project, options.pairs)
    return project


def drop(project: Path, pairs: int) -> None:
    """Some pairs that no other file has, in a file that appears whole."""
    folder = project / "incoming"
    folder.mkdir(exist_ok=True)
    number = 1 + len(list(folder.glob("*.tsv")))
    samples = Sampler(1000 + number).train(pairs)
    partial = folder / f"{number}.part"
    partial.write_text("".join(f"{one.source}\t{one.target}\n" for one in samples), "utf-8")
    partial.rename(partial.with_suffix(".tsv"))


@contextmanager
def started(project: Path, env: dict[str, str], ready: str, *command: str) -> Iterator[re.Match[str]]:
    """A process in the background, once a line that it says matches ``ready``; SIGTERM ends it."""
    log = project.parent / f"{command[0]}.log"
    with log.open("w") as sink:
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=project, env=env, stdout=sink, stderr=sink)
    try:
        deadline = time.monotonic() + SERVE_S
        while not (found := re.search(ready, log.read_text("utf-8"))):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{' '.join(command)} did not start; see {log}")
            time.sleep(0.2)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def version(port: int) -> str:
    """What the server serves."""
    answer = httpx.post(f"http://127.0.0.1:{port}/translate", json={"lines": ["I like tea."]}, timeout=30)
    return str(answer.raise_for_status().json()["version"])


def wait_for_another(port: int, present: str) -> float:
    """When the server first answered with another version."""
    deadline = time.monotonic() + RETRAIN_S
    while version(port) == present:
        if time.monotonic() > deadline:
            raise SystemExit(f"still {present}")
        time.sleep(0.5)
    return time.time()


def seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def table(api_url: str, since: float) -> list[tuple[float, str]]:
    """What Prefect knows of the runs since then: when what was done."""
    with httpx.Client(base_url=api_url, timeout=60) as api:

        def ask(kind: str, **wanted: Any) -> list[dict[str, Any]]:
            return list(api.post(f"/{kind}/filter", json={"limit": 200, **wanted}).raise_for_status().json())

        names = {flow["id"]: flow["name"] for flow in ask("flows")}
        runs = [run for run in ask("flow_runs") if run["start_time"] and seconds(run["start_time"]) > since]
        (retraining,) = [run for run in runs if names[run["flow_id"]] == "retrain"]
        looks = [run for run in runs if names[run["flow_id"]] == "look" and run["end_time"]]
        tasks = ask("task_runs", flow_runs={"id": {"any_": [retraining["id"]]}})
    begin = seconds(retraining["start_time"])
    seen = max(end for look in looks if (end := seconds(look["end_time"])) < begin)
    stages = [(seconds(one["end_time"]), one["name"]) for one in tasks if one["state_type"] == "COMPLETED"]
    return sorted([(seen, "`look` has seen it"), (begin, "the retraining begins"), *stages])


def measure(project: Path, options: argparse.Namespace) -> None:
    """Make the first model, serve it, drop a file and print the table."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        api_port = free.getsockname()[1]
    env = os.environ | {"PYTHONPATH": str(project / "src"), "PREFECT_SERVER_API_PORT": str(api_port)}
    env = {name: value for name, value in env.items() if name not in ("PREFECT_API_URL", "MLFLOW_TRACKING_URI")}
    begin = time.time()
    with (project.parent / "run.log").open("w") as log:
        first = [sys.executable, "-m", "seqline", "run", "--promote"]
        subprocess.run(first, cwd=project, env=env, stdout=log, stderr=log, check=True)
    print(json.dumps({"first_model_s": round(time.time() - begin)}), flush=True)
    with (
        started(project, env, r"serving .* at (http://\S+);", "flows", "serve") as api,
        started(project, env, r"http://127\.0\.0\.1:(\d+)", "seqline", "serve", "--port", "0") as server,
    ):
        port = int(server[1])
        present = version(port)
        drop(project, options.pairs)
        dropped = time.time()
        served = wait_for_another(port, present)
        rows = [*table(f"{api[1]}/api", dropped), (served, f"the server answers with {version(port)}")]
    print("\n| seconds after the file was dropped | |\n|---|---|")
    for when, what in rows:
        print(f"| {when - dropped:.0f} | {what} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to work; a second call goes on with what is there")
    parser.add_argument("--pairs", type=int, default=500, help="in each file")
    parser.add_argument("--margin", type=float, default=5.0, help="of the gate, in BLEU and chrF2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        measure(prepare(folder, options), options)


if __name__ == "__main__":
    main()
