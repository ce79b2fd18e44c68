"""Retraining as a team runs it: real DVC, Prefect and MLflow, bundles that need no training."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import prefect_stack
import pytest
import retrain_project
import tiny_project

# Several runs in one process: the temporary API is started once.
SEVERAL = """\
import json, pathlib
from seqline.adapters.launch import launch
from seqline.errors import SeqlineError
root = pathlib.Path.cwd()
def run(**how):
    try:
        said = [launch(root, "retrain", **how)]
    except SeqlineError as error:
        said = [error.exit_code, str(error)]
    print(json.dumps(said), flush=True)
def take(name):
    (root / "which.txt").write_text(name + "\\n")
"""


EVERY_MINUTE, NEVER = "* * * * *", "0 0 29 2 *"


@pytest.fixture(scope="module", autouse=True)
def _one_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PREFECT_", "SEQLINE_", "MLFLOW_"))]:
            patch.delenv(name)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return retrain_project.make(tmp_path / "project")


def _several(root: Path, program: str, **more: str) -> tuple[list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL + program], cwd=root, env=retrain_project.env(root, **more), capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.strip().split("\n")], done.stderr


def test_what_did_not_change_is_neither_run_nor_judged_and_what_changed_is(root: Path) -> None:
    retrain_project.take(root, "v2")
    retrain_project.take(root, "v1")
    shown, log = _several(
        root,
        "run(); run(); run(promote=True)\n"
        "take('v2'); run(promote=False); run()\n"
        "run(force=True, targets=['take']); run(profile='phrasebook'); run(profile='none'); run(targets=['x'])\n"
        "(root / 'params.yaml').write_text((root / 'params.yaml').read_text() + '# by hand\\n')\n"
        "run(profile='phrasebook')\n",
    )
    assert [said[0] for said in shown] == [
        "promoted", "unchanged", "unchanged", "made", "promoted", "made", "unchanged", 2, 2, 2,
    ]  # fmt: skip
    assert retrain_project.aliases(root) == {"champion": 2, "previous": 1}
    assert "changed: take: it has never run" in log
    assert "changed: take: which.txt changed" in log
    assert log.count("nothing changed; looked at 2 stages, 0 files of corpora here, 0 sources on the network") == 2
    assert log.count("version 1 is champion already; nothing to decide") == 1  # asked for; the other time nobody asked
    assert shown[7][1] == "'none': no such profile; choose one of phrasebook"
    assert shown[9][1].endswith("params.yaml: not the profile 'phrasebook'; switch with `seqline profile phrasebook`")
    assert "Traceback" not in log


@pytest.mark.slow
def test_a_file_that_is_dropped_in_comes_out_as_champion(root: Path) -> None:
    """One command serves; `look` fires by its schedule, emits, and the server starts the retraining."""
    retrain_project.take(root, "v2")
    retrain_project.watching(root)
    _deploy(root, look=EVERY_MINUTE)
    with _serving(root) as env:
        tiny_project.wait_for(lambda: _champion(root) == 1, timeout_s=600)  # what was there from the start
        retrain_project.drop(root, "b")
        tiny_project.wait_for(lambda: _champion(root) == 2, timeout_s=600)
        runs = prefect_stack.flow_runs(env)
    assert {run["parameters"].get("because") for run in runs["retrain"]} == {"new data or a new revision"}
    assert [run["state_type"] for run in runs["retrain"]] == ["COMPLETED"] * 2
    assert len(runs["look"]) >= 2
    assert retrain_project.aliases(root) == {"champion": 2, "previous": 1}


@pytest.mark.slow
def test_quality_that_dropped_starts_a_retraining(root: Path) -> None:
    _deploy(root)
    with _serving(root) as env:
        emit = (
            "from seqline.adapters import prefect_events as events\n"
            f"events.emit(events.QUALITY_DROPPED, '{retrain_project.NAME}', {{'drift': 0.4}})\n"
        )
        subprocess.run([sys.executable, "-c", emit], env=retrain_project.env(root, **env), check=True)
        tiny_project.wait_for(lambda: _champion(root) == 1, timeout_s=600)
        runs = prefect_stack.flow_runs(env)["retrain"]
    assert [run["parameters"].get("because") for run in runs] == ["live quality dropped"]


@pytest.mark.slow
def test_a_schedule_fires_twice_and_a_second_run_is_refused_while_one_is_at_work(root: Path) -> None:
    _deploy(root, nightly=EVERY_MINUTE)
    with _serving(root) as env:

        def states(kind: str) -> int:
            runs = prefect_stack.flow_runs(env).get("retrain", [])
            return sum(run["auto_scheduled"] and run["state_type"] == kind for run in runs)

        tiny_project.wait_for(lambda: states("COMPLETED") >= 2, timeout_s=600)
        tiny_project.edit(root / "take.py", "import shutil", "import time; time.sleep(100)\nimport shutil")
        tiny_project.wait_for(lambda: states("RUNNING") == 1 and states("CANCELLED") >= 1, timeout_s=600)


@pytest.mark.slow
def test_a_run_whose_worker_died_does_not_keep_the_next_ones_from_starting(root: Path) -> None:
    """It was about to begin when everything ended: the server still takes it for alive, and it holds the only place."""
    _deploy(root)
    with _serving(root) as env, httpx.Client(base_url=env["PREFECT_API_URL"], timeout=60) as api:
        left = _begun(api)
        assert left["state"]["type"] == "PENDING"
    with _serving(root) as env, httpx.Client(base_url=env["PREFECT_API_URL"], timeout=60) as api:
        assert api.get(f"/flow_runs/{left['id']}").json()["state_type"] == "CRASHED"
        assert _begun(api)["state"]["type"] == "PENDING"  # cancelled, if there were no place
    assert left["name"] in (root / "serving.log").read_text(encoding="utf-8")


def _begun(api: httpx.Client) -> dict[str, Any]:
    """A run of the nightly deployment that a worker has taken."""
    deployment = api.get("/deployments/name/retrain/nightly").raise_for_status().json()
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2999-01-01T00:00:00Z"}}  # no worker takes it
    run = api.post(f"/deployments/{deployment['id']}/create_flow_run", json={"state": later}).raise_for_status().json()
    taken = {"state": {"type": "PENDING"}, "force": False}
    answer = api.post(f"/flow_runs/{run['id']}/set_state", json=taken).raise_for_status().json()
    return {"id": run["id"], "name": run["name"], "state": answer["state"]}


def _deploy(root: Path, *, nightly: str = NEVER, look: str = NEVER) -> None:
    """The project's own deployments at other times: what fires by itself would be one run more, at some hours only."""
    deployments = (tiny_project.ROOT / "prefect.yaml").read_text(encoding="utf-8")
    for usual, cron in (("0 3 * * *", nightly), ("5-59/10 * * * *", look)):
        assert f'"{usual}"' in deployments
        deployments = deployments.replace(f'"{usual}"', f'"{cron}"')
    (root / "prefect.yaml").write_text(deployments, encoding="utf-8")


@contextmanager
def _serving(root: Path) -> Iterator[dict[str, str]]:
    env = prefect_stack.free_address()
    port = env["PREFECT_API_URL"].split(":")[-1].removesuffix("/api")
    more = {"PREFECT_SERVER_API_PORT": port, "PREFECT_HOME": str(root.parent / "prefect")}  # knows no other test's runs
    command = [sys.executable, "-m", "flows", "serve"]
    with (root / "serving.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=root, env=retrain_project.env(root, **more), stdout=log, stderr=log)
        try:
            tiny_project.wait_for(lambda: b"serving " in (root / "serving.log").read_bytes(), timeout_s=600)
            yield env
        finally:
            process.terminate()
            assert process.wait(60) == 130
            assert not prefect_stack.answers(env)


def _champion(root: Path) -> int | None:
    """Who was last promoted, by the file that says so: asking the registry again and again would slow all down."""
    report = root / "reports" / "promote.json"
    known = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"decision": ""}
    return int(known["challenger"]["version"]) if known["decision"] == "promoted" else None


class Listener(http.server.ThreadingHTTPServer):
    """Where messages arrive."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Inbox)


class Inbox(http.server.BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        self.server.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def inbox() -> Iterator[Listener]:
    with Listener() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_people_are_told_of_a_promotion_and_of_a_failure(root: Path, inbox: Listener) -> None:
    address = f"http://127.0.0.1:{inbox.server_address[1]}/a-secret"
    program = (
        "run(because='new data')\n"
        "artifacts()\n"
        "(root / 'take.py').write_text('import sys; sys.exit(\"which.txt: line 1 is odd\")')\n"
        "run(because='worse data')\n"
        "artifacts()\n"
    )
    read = (
        "def artifacts():\n"
        "    from prefect.client.orchestration import get_client\n"
        "    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey\n"
        "    with get_client(sync_client=True) as client:\n"
        "        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=['retrain']))\n"
        "        print(json.dumps([one.data for one in client.read_artifacts(artifact_filter=wanted)]))\n"
    )
    shown, log = _several(root, read + program, SEQLINE_WEBHOOK=address)
    assert (shown[0], shown[2]) == (["promoted"], [1, "take: which.txt: line 1 is odd"])
    good, bad = inbox.messages
    assert good["state"] == "promoted"
    assert good["text"].startswith("phrasebook-en-zh: version 1 is champion now")
    assert (good["project"], good["because"], good["link"]) == ("phrasebook-en-zh", "new data", "")
    assert good["changed"] == ["take: it has never run", "register: it has never run"]
    assert (bad["state"], bad["text"]) == ("failed", "retrain failed: take: which.txt: line 1 is odd")
    (report,) = [one for one in shown[1] if "Started because: new data" in one]  # the tests share a database
    for words in ("# phrasebook-en-zh: version 1 is champion now", "Started because: new data", "| take | ran |",
                  "- take: it has never run", "| test size | passed |", "promote.json"):  # fmt: skip
        assert words in report
    (failure,) = [one for one in shown[3] if "Started because: worse data" in one]
    assert failure.startswith("# retrain failed: take: which.txt: line 1 is odd\n")
    assert "Every line of it: `prefect flow-run logs " in failure
    assert "a-secret" not in log


def test_a_result_is_told_before_the_next_run_may_begin_and_what_keeps_it_from_being_told_harms_nothing(
    root: Path,
) -> None:
    shown, log = _several(
        root,
        "import flows.telling\nfrom seqline.adapters import locks\n"
        "flows.telling.create_markdown_artifact = lambda **_: locks.ensure_free(root / '.seqline')\n"
        "run()\n",
    )
    assert shown == [["promoted"]]
    assert log.count("the result could not be told (BusyError: another run is at work here (process ") == 1
    assert "Traceback" not in log


HOLDER = """\
import sys, time
from pathlib import Path
from seqline.adapters import locks
with locks.run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_run_that_may_wait_begins_when_the_other_one_ends(root: Path) -> None:
    shown, log = _several(
        root,
        f"import subprocess, sys\nholder = {HOLDER!r}\n"
        "run(promote=False)\n"
        "from flows.retrain import retrain\n"
        "with subprocess.Popen([sys.executable, '-c', holder, '.seqline', '5'], stdout=subprocess.PIPE) as other:\n"
        "    other.stdout.readline()\n"
        "    print(json.dumps([retrain(root=str(root), wait_s=120)]), flush=True)\n",
    )
    assert shown == [["made"], ["promoted"]]
    assert log.count("waiting for its end, 120 s at most") == 1


def test_a_registry_that_does_not_know_what_was_registered_is_told_it_again(root: Path) -> None:
    """A new one, say, or that of a clone whose outputs came by `dvc pull`."""
    assert _several(root, "run()")[0] == [["promoted"]]
    receipt = (root / "reports" / "register.json").read_bytes()
    (root / "mlflow.db").unlink()
    shutil.rmtree(root / ".seqline")
    shown, log = _several(root, "run(); run()")
    assert shown == [["promoted"], ["unchanged"]]
    assert "nothing changed" in log
    assert retrain_project.aliases(root) == {"champion": 1}
    assert (root / "reports" / "register.json").read_bytes() == receipt


def test_a_webhook_that_nobody_answers_harms_nothing(root: Path) -> None:
    shown, log = _several(root, "run()", SEQLINE_WEBHOOK="http://127.0.0.1:9/a-secret")
    assert shown == [["promoted"]]
    assert log.count("SEQLINE_WEBHOOK: the message was not delivered (127.0.0.1: ConnectError)") == 1
    assert "a-secret" not in log
