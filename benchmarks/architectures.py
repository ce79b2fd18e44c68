"""What an architecture is worth: every kind of model on the same data for the same minutes, and what attention buys.

python benchmarks/architectures.py [--minutes 2] [--only gru lstm …] [--threads 2]
                                   [--data ../shared/data/multi30k_en_de]

Multi30k by the profile multi30k, cased and detokenised BLEU (13a) and chrF2 of test_2016_flickr, beam 5. A short run
before, which does not count, says how many updates fit into the minutes of training; ``minutes`` is what it truly took,
validations included. Prints one JSON document per model.
"""

import argparse
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers import corpus, yaml
from peers.runs import BENCHMARKS, Tool, emptied, present, rounded
from peers.task import Recipe, Task

from seqline.evaluation.metrics import bleu, chrf

ROOT = Path(__file__).parents[1]
MEASURED_S = 20.0
RECURRENT = {
    "width": 256,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "bidirectional": True,
    "residual": False,
    "layer_norm": False,
    "attention": "general",
    "input_feeding": False,
    "dropout": 0.2,
    "tie": "all",
}
MODELS: dict[str, dict[str, Any] | None] = {
    "transformer": None,  # as the profile and peers/seqline_quality.yaml say
    "gru": {"kind": "gru"} | RECURRENT,
    "lstm": {"kind": "lstm"} | RECURRENT,
    "peephole_lstm": {"kind": "peephole_lstm"} | RECURRENT,
    "gru, input feeding": {"kind": "gru"} | RECURRENT | {"input_feeding": True},
    "gru, no attention": {"kind": "gru"} | RECURRENT | {"attention": "none"},
    "lstm, no attention": {"kind": "lstm"} | RECURRENT | {"attention": "none"},
}


def trained(tool: Tool, task: Task, minutes: float) -> dict[str, float]:
    """Train for so many minutes, of which the model is ready in ``task.folder``."""
    seen = tool.run("train", task.at(emptied(Path(task.folder) / "probe")).measured(MEASURED_S))
    updates = int(minutes * 60 * seen["updates"] / seen["seconds"])
    run = tool.run("train", task.at(emptied(Path(task.folder) / "run")).given(Recipe(updates=updates)))
    return {"updates": updates, "tokens_per_s": seen["tokens_per_s"], "minutes": run["wall_s"] / 60}


def scored(tool: Tool, task: Task, minutes: float) -> dict[str, Any]:
    project = Path(task.corpus) / "project"
    found = trained(tool, task, minutes)
    decoding = tool.run("translate", task.at(Path(task.folder) / "run"))
    pieces = (Path(task.folder) / "run" / "hypotheses").read_text(encoding="utf-8").split("\n")[:-1]
    texts, references = corpus.text(pieces, project), task.lines("reference", "de")
    figures = {"bleu": bleu(texts, references, "de").value, "chrf": chrf(texts, references).value}
    return rounded(figures | found | {"sentences_per_s": decoding["sentences_per_s"]})


def choose(project: Path, model: dict[str, Any] | None) -> None:
    """Make it the model of the project's teacher, trained as its kind likes it (docs/log.md)."""
    if model is not None:
        params = project / "params.yaml"
        content = yaml.read(params)
        content["train"]["model"] = model
        content["train"]["optimisation"] |= {"learning_rate": 0.005, "warmup_updates": 100}
        content["distill"]["initialise"] = "random"
        yaml.write(content, params)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--only", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/multi30k_en_de")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(json.dumps({"benchmark": "architectures", "skipped": f"{options.data}: no such corpus"}))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    (tool,), _ = present({})
    with TemporaryDirectory(prefix="architectures-") as folder:
        corpus.encode(options.data, Path(folder) / "corpus", ROOT, BENCHMARKS / "peers" / "seqline_quality.yaml")
        task = Task(f"{folder}/corpus", folder, threads=options.threads, own_params=True)
        for name in options.only:
            choose(Path(folder) / "corpus" / "project", MODELS[name])
            print(json.dumps({"model": name} | scored(tool, task, options.minutes)), flush=True)


if __name__ == "__main__":
    main()
