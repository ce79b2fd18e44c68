import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from seqline.errors import RegistryError
from seqline.server.batcher import ClosedError, Options
from seqline.server.limits import Limits
from seqline.server.priority import BEHIND, LAST
from seqline.server.served import Served, repeated
from seqline.serving.bundle import Bundle
from seqline.types import Located

LINES = ["the cat sat on the mat", "a dog ran home", "good morning"]
OPTIONS = Options(beam=2, nbest=1, align=False)


class Registry:
    """What should be served; or an error."""

    def __init__(self, *folders: Path) -> None:
        self.versions = [Located(f"tiny/{number}", folder.parent.name, folder) for number, folder in enumerate(folders)]
        self.present, self.is_down = 0, False

    def locate(self) -> Located:
        if self.is_down:
            raise RegistryError("the registry does not answer")
        return self.versions[self.present]


@pytest.fixture
def registry(tiny_bundle: Path, other_bundle: Path) -> Registry:
    return Registry(tiny_bundle, other_bundle)


def served(registry: Registry) -> Served:
    return Served(registry.locate, lambda folder: Bundle.open(folder), threads=1, limits=Limits())


def test_twenty_exchanges_under_load_lose_no_request_and_name_the_right_version(registry: Registry) -> None:
    right = {
        one.version: [best[0].text for best in Bundle.open(one.folder).translate(LINES, beam=2)]
        for one in registry.versions
    }
    assert right["tiny/0"] != right["tiny/1"]
    models, end = served(registry), Event()

    def ask() -> list[tuple[str, list[str]]]:
        answers = []
        while not end.is_set():
            located, futures = models.submit(LINES, OPTIONS)
            found = [best[0].text for future in futures for best in future.result(timeout=30)]
            answers.append((located.version, found))
        return answers

    with ThreadPoolExecutor(4) as crowd:
        asking = [crowd.submit(ask) for _ in range(4)]
        for number in range(20):
            registry.present = (number + 1) % 2
            models.refresh()
        end.set()
        answers = [answer for one in asking for answer in one.result(timeout=60)]
    assert models.num_exchanges == 20
    assert {version for version, _ in answers} == set(right)
    assert all(found == right[version] for version, found in answers)


def test_the_present_model_stays_while_the_registry_is_down(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    models = served(registry)
    registry.present, registry.is_down = 1, True
    for _ in range(3):
        models.refresh()
    assert models.located.version == "tiny/0"
    assert models.failure == "the registry does not answer"
    assert capsys.readouterr().err == "seqline: still serving tiny/0: the registry does not answer\n"
    registry.is_down = False
    models.refresh()
    assert (models.located.version, models.failure) == ("tiny/1", "")


def test_a_damaged_version_does_not_take_the_place_of_a_sound_one(registry: Registry, tmp_path: Path) -> None:
    models = served(registry)
    registry.versions.append(Located("tiny/2", "other", tmp_path))
    registry.present = 2
    models.refresh()
    assert models.located.version == "tiny/0"
    assert "no finished output there" in models.failure
    assert models.submit(LINES, OPTIONS)[1][0].result(timeout=30)


def test_what_has_not_changed_is_not_opened_again(registry: Registry) -> None:
    models = served(registry)
    models.refresh()
    assert models.num_exchanges == 0


def test_a_closed_stderr_ends_neither_the_exchange_nor_the_looks(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    models = served(registry)
    old = models._model
    registry.present = 1
    with repeated([fail, models.refresh], 0.01):
        end = time.monotonic() + 30
        while models.num_exchanges == 0:
            assert time.monotonic() < end
            time.sleep(0.01)
    with pytest.raises(ClosedError):
        old.batcher.submit(LINES, OPTIONS)


def fail() -> None:
    raise OSError("no space left on device")


@pytest.mark.skipif(sys.platform != "linux", reason="a niceness of each thread is Linux's own")
@pytest.mark.parametrize(("own", "wanted"), [(0, BEHIND), (0, LAST), (15, BEHIND)])
def test_the_model_s_threads_step_back_and_never_want_to_come_forward(own: int, wanted: int) -> None:
    """In a process without rights, which may only raise its niceness."""
    program = (
        "import os, sys, threading\n"
        "from seqline.server.priority import behind\n"
        "own, wanted = map(int, sys.argv[1:])\n"
        "os.nice(max(0, own - os.nice(0)))\n"
        "if os.getuid() == 0:\n"
        "    os.setuid(65534)\n"
        "print(behind(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), wanted))"
    )
    command = [sys.executable, "-c", program, str(own), str(wanted)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == str(max(own, wanted, os.nice(0))), found.stderr
