"""Training speed on the CPU: target tokens per second of Seqline and of four torch toolkits, at one model shape.

python -m venv joeynmt-env && joeynmt-env/bin/pip install -r benchmarks/peers/joeynmt.txt    (sockeye, opennmt, marian)
python benchmarks/training_peers.py --joeynmt joeynmt-env/bin/python --sockeye sockeye-env/bin/python
                                    --opennmt opennmt-env/bin/python --marian marian-env/bin/python
                                    [--seconds 60] [--rounds 2] [--threads 2] [--data ../shared/data/multi30k_en_de]

One corpus, cut once by one joint SentencePiece model of 8,000 pieces (Seqline's stages ``clean`` and ``tokenize``);
every tool reads the same pieces. Width 256, 4 heads, feed-forward 1024, 3 + 3 layers, all embeddings tied, dropout 0.1
of every kind that the tool has (``peers/task.py``), label smoothing 0.1, Adam, float32, about 4096 target tokens a
batch as the tool counts them: JoeyNMT and OpenNMT-py count padding. On a CPU with AMX Seqline computes matrix products
in bf16, as it does by default; ``seqline_fp32`` is told not to. Each tool trains by its own training command, without
validations and checkpoints; transformers, which has none for this, in a loop of ``peers/marian.py``.

Counted alike for all are target positions that are no padding, EOS included, between the 10th update and the first that
ends after ``--seconds``; tools take turns, and the best round counts. ``cpu_s`` is processor time in that window: where
it is well below ``seconds`` times the threads for all tools, something else kept a core busy, so measure again.
``share_of_products`` compares with the time of the bare matrix products (``peers/ceiling.py``).
"""

import argparse
import json
import os
import platform
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers import ceiling, corpus
from peers.runs import PEERS, Tool, emptied, present, rounded, skipped
from peers.task import Task

from seqline.models.products import cpu_has_bf16

ROOT = Path(__file__).parents[1]


def compared(tools: list[Tool], task: Task, rounds: int) -> dict[str, Any]:
    variants = {tool.name: (tool, task) for tool in tools}
    if cpu_has_bf16():
        variants["seqline_fp32"] = (tools[0], replace(task, precision="fp32"))
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, (tool, given) in variants.items():
            folder = emptied(Path(task.folder) / name)
            runs[name].append(tool.run("train", given.at(folder)))
    best = {name: max(some, key=lambda run: run["tokens_per_s"]) for name, some in runs.items()}
    allowed, ours = ceiling.tokens_per_s(task), best["seqline"]["tokens_per_s"]
    return {
        "runs": {name: rounded(run) for name, run in best.items()},
        "all_rounds_tokens_per_s": {name: [round(run["tokens_per_s"]) for run in some] for name, some in runs.items()},
        "times_faster": {name: round(ours / run["tokens_per_s"], 2) for name, run in best.items() if name != "seqline"},
        "products": rounded(allowed, 3),
        "share_of_products": {
            name: round(run["tokens_per_s"] / allowed["tokens_per_s"], 3) for name, run in best.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, title in PEERS.items():
        parser.add_argument(f"--{name}", type=Path, help=f"the Python of the environment of {title}")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/multi30k_en_de")
    options = parser.parse_args()
    tools, absent = present({name: getattr(options, name) for name in PEERS})
    if reasons := skipped(tools, absent, options.data):
        print(json.dumps({"benchmark": "training_peers"} | reasons, indent=1))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    with TemporaryDirectory(prefix="training-peers-") as temporary:
        folder = Path(temporary)
        corpus.encode(options.data, folder / "corpus", ROOT)
        task = Task(str(folder / "corpus"), temporary, seconds=options.seconds, threads=options.threads)
        setting = {"benchmark": "training_peers", "corpus": options.data.name, "shape": vars(task.shape),
                   "batch_tokens": task.recipe.batch_tokens, "pieces": len(task.pieces) + 4, "rounds": options.rounds,
                   "threads": options.threads, "python": platform.python_version(),
                   "versions": {tool.name: tool.version for tool in tools}}  # fmt: skip
        print(json.dumps(setting | absent | compared(tools, task, options.rounds), indent=1))


if __name__ == "__main__":
    main()
