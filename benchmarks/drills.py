"""Kill drills: a retraining is killed with -9 at seeded moments and run again; what must hold is counted.

python benchmarks/drills.py --seed 1 --kills 7 [--kinds flow,stage,registry,mlflow,prefect,worker,serve]

Real Prefect server, real MLflow server, real DVC; the bundles are ready made, so that a retraining takes seconds. In
each drill a new bundle is due. Prints one JSON line: kills by kind, and how often something was wrong after the kill
(`torn_champions`: the champion is neither the old one nor the new one, or its files are not whole) and after the next
run (double promotions, lost or doubled versions, torn outputs, runs that failed). In the drills of kind `serve` a
server that follows the champion is killed while a client asks; `wrong_answers` counts servers that answer with another
version when they are started again, and answers by what was no champion. All of these must be 0.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import prefect_stack
import psutil
import retrain_project
import tiny_project
from drill.client import Client
from drill.processes import command_of, descendants, kill_tree
from drill.proxy import Proxy
from drill.service import Service

from seqline.adapters import dvc_graph
from seqline.errors import SeqlineError
from seqline.files import content_hash, verify
from seqline.resolving import fetched
from seqline.workspace import Workspace

KINDS = ("flow", "stage", "registry", "mlflow", "prefect", "worker", "serve")
RUN_S = 600.0


@dataclass
class Drill:
    """The project, its servers and what was counted."""

    root: Path
    rng: random.Random
    env: dict[str, str]
    mlflow: Service
    prefect: Service
    server: Service
    proxy: Proxy
    counts: Counter[str] = field(default_factory=Counter)
    made: list[str] = field(default_factory=lambda: ["v1"])
    usual_s: float = 0.0
    usual_changes: int = 0

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.root.parent / "flows.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "flows", "retrain"], cwd=self.root, env=self.env, stdout=log, stderr=log
            )

    def first(self) -> None:
        """Two runs to their end, the second of which is measured."""
        for name in ("v1", "v2"):
            retrain_project.take(self.root, name)
            self.proxy.arm(0, after=False, action=lambda: None)
            begin = time.monotonic()
            assert self.start().wait(RUN_S) == 0
            self.usual_s, self.usual_changes = time.monotonic() - begin, self.proxy.changes
        self.made.append("v2")

    def kill_one(self, kind: str) -> None:
        self.made.append(f"v{len(self.made) + 1}")
        retrain_project.take(self.root, self.made[-1])
        getattr(self, f"_{kind}")()
        self.proxy.arm(0, after=False, action=lambda: None)
        self.counts[f"kills_{kind}"] += 1
        self._check_after_kill()
        code = self.start().wait(RUN_S)
        self.counts["failed_reruns"] += code != 0
        self._check_healed()

    def _moment_s(self) -> float:
        return self.rng.uniform(0.1, 0.95) * self.usual_s

    def _flow(self) -> None:
        process = self.start()
        self._wait_s(process, self._moment_s())
        process.kill()
        process.wait()

    def _stage(self) -> None:
        process, delay_s = self.start(), self.rng.uniform(0.0, 0.3) * self.usual_s
        tiny_project.wait_for(lambda: self._stages(process.pid) or process.poll() is not None, timeout_s=RUN_S)
        self._wait_s(process, delay_s)
        for one in self._stages(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait(RUN_S)

    def _registry(self) -> None:
        process: list[subprocess.Popen[bytes]] = []
        self._arm(lambda: kill_tree(process[0].pid))
        process.append(self.start())
        process[0].wait(RUN_S)

    def _mlflow(self) -> None:
        self._arm(self.mlflow.kill)
        self.start().wait(RUN_S)
        self.mlflow.kill()
        self.mlflow.start()

    def _prefect(self) -> None:
        process = self.start()
        self._wait_s(process, self._moment_s())
        self.prefect.kill()
        self.prefect.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self.usual_s * 2)
        kill_tree(process.pid)
        process.wait()

    def _worker(self) -> None:
        with (self.root.parent / "services.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", "seqline"], cwd=self.root, env=self.env,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        prefect_stack.run(self.root, self.env, "deployment", "run", "retrain/by-hand")
        fence = self.root / ".seqline" / "fence.json"
        before = fence.read_bytes()
        tiny_project.wait_for(lambda: fence.read_bytes() != before, timeout_s=RUN_S)  # it holds the project
        time.sleep(self.rng.uniform(0.0, 0.6) * self.usual_s)
        kill_tree(worker.pid)
        worker.wait()

    def _serve(self) -> None:
        before = self._champion()
        self.server.start()
        with Client(self.server.port) as client:
            process = self.start()
            self._wait_s(process, self._moment_s())
            self.server.kill()
            process.wait(RUN_S)
            self.server.start()
            wrong = client.ask() != self._champion()
        self.server.kill()
        self.counts["wrong_answers"] += wrong + len(client.versions - {before, self._champion()})
        self.counts["unanswered"] += not client.num_answers

    def _champion(self) -> str:
        return f"{retrain_project.NAME}/{retrain_project.aliases(self.root)['champion']}"

    def _arm(self, action: Callable[[], None]) -> None:
        at = self.rng.randint(1, self.usual_changes)
        self.proxy.arm(at, after=self.rng.random() < 0.5, action=action)

    def _wait_s(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    def _stages(self, pid: int) -> list[psutil.Process]:
        return [one for one in descendants(pid) if {"take.py", "register"} & set(command_of(one))]

    def _check_after_kill(self) -> None:
        found = {version.number: version for version in retrain_project.versions(self.root)}
        champion = next(version for version in found.values() if "champion" in version.aliases)
        contents = [retrain_project.content(self.root, name) for name in self.made[-2:]]
        whole = champion.tags["content_hash"] in contents
        try:
            fetched(Workspace(self.root), retrain_project.MlflowRegistry(self.root), champion)
        except SeqlineError:
            whole = False
        self.counts["torn_champions"] += not whole

    def _check_healed(self) -> None:
        versions = retrain_project.versions(self.root)
        by_content = Counter(version.tags["content_hash"] for version in versions)
        made = [retrain_project.content(self.root, name) for name in self.made]
        alias = {name: one.tags["content_hash"] for one in versions for name in one.aliases}
        self.counts["lost_versions"] += sum(content not in by_content for content in made)
        self.counts["doubled_versions"] += sum(count > 1 for count in by_content.values())
        self.counts["not_promoted"] += alias.get("champion") != made[-1]
        self.counts["double_promotions"] += alias.get("previous") != made[-2]
        try:
            verify(self.root / "models" / "selected")
            torn = content_hash(self.root / "models" / "selected") != made[-1] or bool(dvc_graph.stale(self.root))
        except SeqlineError:
            torn = True
        self.counts["torn_outputs"] += torn


@contextlib.contextmanager
def laid_out(seed: int) -> Iterator[Drill]:
    with tempfile.TemporaryDirectory() as folder:
        root = retrain_project.make(Path(folder) / "project")
        (root / "prefect.yaml").write_bytes((tiny_project.ROOT / "prefect.yaml").read_bytes())
        own = retrain_project.env(root, PREFECT_HOME=str(Path(folder) / "prefect"))
        own["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
        api = prefect_stack.free_address()
        addresses = [prefect_stack.free_address(), api, prefect_stack.free_address()]
        ports = [urlsplit(address["PREFECT_API_URL"]).port for address in addresses]
        store = f"sqlite:///{folder}/registry.db"
        commands = [
            ["mlflow", "server", "--backend-store-uri", store, "--artifacts-destination", f"{folder}/artifacts",
             "--host", "127.0.0.1", "--port", str(ports[0]), "--workers", "1"],
            ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(ports[1]), "--no-ui"],
            ["seqline", "serve", "--port", str(ports[2]), "--follow", "0.5", "--threads", "1"],
        ]  # fmt: skip
        services = [
            Service([sys.executable, "-m", *command], root, own, int(port or 0), health)
            for command, port, health in zip(commands, ports, ("/health", "/api/health", "/readyz"), strict=True)
        ]
        proxy = Proxy(services[0].port)
        env = {**own, **api, "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{proxy.server_address[1]}"}
        os.environ.update({name: env[name] for name in ("MLFLOW_TRACKING_URI", "PREFECT_API_URL", "PREFECT_HOME")})
        try:
            services[2].env = env
            for service in services[:2]:  # the third is started by the drills that kill it
                service.start()
            prefect_stack.run(root, env, "--no-prompt", "work-pool", "create", "seqline", "--type", "process")
            prefect_stack.run(root, env, "--no-prompt", "deploy", "--all")
            yield Drill(root, random.Random(seed), env, *services, proxy)
        finally:
            for service in services:
                if service.process:
                    service.kill()
            proxy.shutdown()
            for log in ("flows.log", "services.log"):
                if "SEQLINE_DRILL_LOGS" in os.environ and (path := Path(folder) / log).exists():
                    (Path(os.environ["SEQLINE_DRILL_LOGS"]) / log).write_bytes(path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=len(KINDS))
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    kinds, begin = options.kinds.split(","), time.monotonic()
    with laid_out(options.seed) as drill:
        drill.first()
        for number in range(options.kills):
            kind = kinds[number % len(kinds)]
            drill.kill_one(kind)
            print(f"{number + 1}: {kind}: {dict(drill.counts)}", file=sys.stderr, flush=True)
    zero = (
        "torn_champions",
        "failed_reruns",
        "torn_outputs",
        "lost_versions",
        "doubled_versions",
        "not_promoted",
        "wrong_answers",
        "unanswered",
    )
    kills = {f"kills_{kind}": drill.counts[f"kills_{kind}"] for kind in KINDS}
    figures = {name: drill.counts[name] for name in (*zero, "double_promotions")}
    seconds = round(time.monotonic() - begin)
    print(json.dumps({"benchmark": "drills", "seed": options.seed, "seconds": seconds, **kills, **figures}))


if __name__ == "__main__":
    main()
