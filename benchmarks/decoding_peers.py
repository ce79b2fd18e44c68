"""Decoding speed on the CPU, beam 5: Seqline and four torch toolkits, each with a model that it has trained itself.

python -m venv joeynmt-env && joeynmt-env/bin/pip install -r benchmarks/peers/joeynmt.txt    (sockeye, opennmt, marian)
python benchmarks/decoding_peers.py --joeynmt joeynmt-env/bin/python --sockeye sockeye-env/bin/python
                                    --opennmt opennmt-env/bin/python --marian marian-env/bin/python
                                    [--updates 400] [--rounds 2] [--threads 2] [--work FOLDER]
                                    [--data ../shared/data/multi30k_en_de]

The shape and the pieces are those of ``training_peers.py``. Every tool trains for ``--updates`` (minutes each; models
in ``--work`` stay and are not trained again), then translates the 1,000 sentences of test_2016_flickr in batches of 32,
64 and 128 sentences; the fastest of the three counts, best of ``--rounds``, loaded and warmed up. Sockeye, OpenNMT-py
and Seqline sort by length themselves; for the other two the adapter does. fp32. JoeyNMT has no cache of keys.

``pieces_per_sentence`` is the length of what came out: a tool whose model writes more works longer, so compare
``pieces_per_s`` where lengths differ. ``bleu`` only tells that the models are no garbage.

``ctranslate2_int8``: Seqline's export against OpenNMT-py's model by its converter, the same engine with the same
options (``peers/int8.py``); ``forced_length`` makes both write as many pieces.
"""

import argparse
import json
import os
import platform
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from peers import corpus, int8
from peers.runs import PEERS, Tool, emptied, present, rounded, skipped
from peers.task import Recipe, Task

from seqline.evaluation.metrics import bleu

ROOT = Path(__file__).parents[1]
BATCHES = (32, 64, 128)


def trained(tool: Tool, task: Task) -> Task:
    """The task of the tool's folder, where its model lies."""
    folder = Path(task.folder) / tool.name
    if not (folder / "speed.json").exists():
        tool.run("train", task.at(emptied(folder)))
    return task.at(folder)


def decoded(tool: Tool, task: Task) -> dict[str, Any]:
    runs = [tool.run("translate", replace(task, batch_sentences=size)) for size in BATCHES]
    best = max(runs, key=lambda run: run["sentences_per_s"])
    project = Path(task.corpus) / "project"
    hypotheses = corpus.text((Path(task.folder) / "hypotheses").read_text(encoding="utf-8").split("\n")[:-1], project)
    return rounded(best) | {"bleu": round(bleu(hypotheses, task.lines("reference", "de"), "de").value, 1)}


def compiled(tools: list[Tool], task: Task) -> dict[str, Any]:
    """Both int8 models, where OpenNMT-py is at hand."""
    folder, peers = Path(task.folder), {tool.name: tool for tool in tools}
    if "opennmt" not in peers:
        return {"skipped": "no OpenNMT-py, whose converter this needs"}
    int8.export_seqline(folder / "seqline", folder / "seqline.int8")
    int8.convert_opennmt(peers["opennmt"], folder / "opennmt", folder / "opennmt.int8")
    length = round(mean(len(line.split(" ")) for line in task.lines("test", "de")))
    return int8.speeds({name: folder / f"{name}.int8" for name in ("seqline", "opennmt")}, task, length, BATCHES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, title in PEERS.items():
        parser.add_argument(f"--{name}", type=Path, help=f"the Python of the environment of {title}")
    parser.add_argument("--updates", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, help="where models are kept")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/multi30k_en_de")
    options = parser.parse_args()
    tools, absent = present({name: getattr(options, name) for name in PEERS})
    if reasons := skipped(tools, absent, options.data):
        print(json.dumps({"benchmark": "decoding_peers"} | reasons, indent=1))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    with ExitStack() as stack:
        folder = options.work or Path(stack.enter_context(TemporaryDirectory(prefix="decoding-peers-")))
        if not (folder / "corpus").exists():
            corpus.encode(options.data, folder / "corpus", ROOT)
        recipe = Recipe(updates=options.updates, warmup_updates=min(200, options.updates // 2))
        task = Task(
            str((folder / "corpus").resolve()),
            str(folder.resolve()),
            recipe=recipe,
            threads=options.threads,
            rounds=options.rounds,
        )
        runs = {tool.name: decoded(tool, trained(tool, task)) for tool in tools}
        ours = runs["seqline"]
        setting = {"benchmark": "decoding_peers", "corpus": options.data.name, "shape": vars(task.shape),
                   "beam": task.beam, "updates": options.updates, "threads": options.threads,
                   "python": platform.python_version(),
                   "versions": {tool.name: tool.version for tool in tools}}  # fmt: skip
        faster = {
            key: {name: round(ours[key] / run[key], 2) for name, run in runs.items() if name != "seqline"}
            for key in ("sentences_per_s", "pieces_per_s")
        }
        found = {"runs": runs, "times_faster": faster, "ctranslate2_int8": compiled(tools, task)}
        print(json.dumps(setting | absent | found, indent=1))


if __name__ == "__main__":
    main()
