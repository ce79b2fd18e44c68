"""Translation quality per minute on the CPU: each tool has raw text, two cores and so many minutes.

python -m venv joeynmt-env && joeynmt-env/bin/pip install -r benchmarks/peers/joeynmt.txt    (sockeye, opennmt, marian)
python benchmarks/quality_peers.py --joeynmt joeynmt-env/bin/python --sockeye sockeye-env/bin/python
                                   --opennmt opennmt-env/bin/python --marian marian-env/bin/python
                                   [--minutes 15] [--setting small] [--threads 2] [--tools seqline joeynmt …]
                                   [--data ../shared/data/multi30k_en_de]

The minutes hold everything from the raw text to the trained model: SentencePiece and its encoding (Seqline: its stages
``download``, ``clean`` and ``tokenize``), the start of the processes, training, validations and checkpoints. Not
translating test_2016_flickr, beam 5. No tool but Sockeye can stop by the clock, so a short run before, which does not
count, says how many updates will fit; ``minutes`` of a tool is what it truly took. The peers' settings are in
``peers/settings.py``, Seqline's params in ``peers/seqline_quality.yaml``. ``bleu`` and ``chrf`` are cased and
detokenised, with sacreBLEU's signatures.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers import corpus, raw
from peers.runs import BENCHMARKS, PEERS, Tool, emptied, present, rounded, skipped
from peers.settings import SETTINGS, Setting
from peers.task import Task

from seqline.evaluation.metrics import bleu, chrf

ROOT = Path(__file__).parents[1]
NUM_PIECES = 8000
MEASURED_S = 20.0
RESERVE = 0.08
"""Of the minutes, for checkpoints and for what runs slower than it was measured."""


def trained(tool: Tool, task: Task, setting: Setting, minutes: float, begun: float) -> dict[str, float]:
    """Train for what is left of the minutes, of which ``begun`` seconds are gone."""
    probe = task.given(setting.recipe(tool.name, 0)).at(emptied(Path(task.folder) / "probe"))
    seen = tool.run("train", probe.measured(MEASURED_S))
    update_s = seen["seconds"] / seen["updates"]
    start_s = seen["wall_s"] - update_s * (seen["updates"] + probe.skipped)
    left_s = minutes * 60 * (1 - RESERVE) - begun - start_s
    recipe = setting.recipe(tool.name, max(1, int(left_s / update_s)))
    run = tool.run("train", task.given(recipe).at(emptied(Path(task.folder) / "run")))
    return {"updates": recipe.updates, "minutes": (begun + run["wall_s"]) / 60, "preparation_s": begun,
            "cpu_minutes": run["process_cpu_s"] / 60}  # fmt: skip


def scored(tool: Tool, task: Task, setting: Setting, data: Path, minutes: float) -> dict[str, Any]:
    folder, begin = Path(task.corpus), time.perf_counter()
    if tool.name == "seqline":
        corpus.encode(data, folder, ROOT, BENCHMARKS / "peers" / "seqline_quality.yaml")
    else:
        raw.encode(data, folder, NUM_PIECES, task.threads)
    found = trained(tool, task, setting, minutes, time.perf_counter() - begin)
    last = task.given(setting.recipe(tool.name, int(found["updates"]))).at(Path(task.folder) / "run")
    decoding = tool.run("translate", last)
    pieces = (Path(last.folder) / "hypotheses").read_text(encoding="utf-8").split("\n")[:-1]
    texts = corpus.text(pieces, folder / "project") if tool.name == "seqline" else raw.decode(folder, pieces)
    references = raw.lines(data, "test", "de")
    figures = {"bleu": bleu(texts, references, "de"), "chrf": chrf(texts, references)}
    return (
        {name: round(score.value, 2) for name, score in figures.items()}
        | rounded(found | {"decoding_s": decoding["seconds"]})
        | {"signatures": [score.signature for score in figures.values()]}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, title in PEERS.items():
        parser.add_argument(f"--{name}", type=Path, help=f"the Python of the environment of {title}")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--setting", choices=SETTINGS, default="small", help="of the peers")
    parser.add_argument("--tools", nargs="+", choices=["seqline", *PEERS], help="only these")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/multi30k_en_de")
    options = parser.parse_args()
    tools, absent = present({name: getattr(options, name) for name in PEERS})
    if reasons := {} if options.tools and options.data.is_dir() else skipped(tools, absent, options.data):
        print(json.dumps({"benchmark": "quality_peers"} | reasons, indent=1))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    print(json.dumps({"benchmark": "quality_peers", "corpus": options.data.name, "minutes": options.minutes,
                      "setting": options.setting, "threads": options.threads, "python": platform.python_version()}
                     | absent), flush=True)  # fmt: skip
    for tool in tools:
        if options.tools and tool.name not in options.tools:
            continue
        with TemporaryDirectory(prefix=f"quality-{tool.name}-") as folder:
            setting = SETTINGS[options.setting]
            task = Task(f"{folder}/corpus", folder, setting.shape, threads=options.threads, own_params=True)
            run = scored(tool, task, setting, options.data, options.minutes)
            print(json.dumps({"tool": tool.name, "version": tool.version} | run, indent=1), flush=True)


if __name__ == "__main__":
    main()
