"""What cleaning is worth: the same teacher trained on noisy data as they are, and on what cleaning keeps of them.

python benchmarks/cleaning_worth.py [--data ../shared/data] [--share 0.4] [--updates 1500] [--seed 1] [--threads 2]
                                    [--folder DIR]

Tatoeba, English → Chinese, with faults of every kind planted into a share of the training pairs. Both sides are
normalised, lose exact copies and are tokenised by pieces of their own; only the rules, near copies and the pair score
differ. Prints one JSON document with a paired comparison on 974 clean test pairs. About half an hour on two cores;
with --folder a second call goes on from what the first one left.
"""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from noise.corpus import pairs, spoilt

from seqline import files, params, profiles
from seqline.evaluation.significance import compare
from seqline.params import Params
from seqline.stages import clean, download, evaluate, tokenize, train
from seqline.stages.job import Job
from seqline.workspace import Workspace

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "zh")


def settings(data: Path, noisy: Path, updates: int, threads: int) -> Params:
    """The profile ``tatoeba`` with noisy training pairs, and the given number of updates."""
    path = noisy.parent / "params.yaml"
    files.write_bytes(path, profiles.render(Workspace(ROOT), "tatoeba"))
    whole = params.load(path).model_dump()
    held_out = [corpus for corpus in whole["download"]["corpora"] if corpus["split"] != "train"]
    for corpus in held_out:
        if corpus["select"]:
            corpus["select"]["file"] = str(data / "enzh_open" / Path(corpus["select"]["file"]).name)
        for side in ("source", "target"):
            corpus[side] = str(data / "enzh_open" / Path(corpus[side]).name)
    training = {"kind": "local", "name": "tatoeba", "split": "train", "file": str(noisy)}
    whole["download"]["corpora"] = [training, *held_out]
    whole["project"]["threads"] = threads
    schedule = {"max_updates": updates, "warmup_updates": updates // 10, "validate_every": max(1, updates // 5)}
    whole["train"]["optimisation"] |= schedule | {"optimiser": "adamw", "learning_rate": 0.0015}
    whole["tokenize"]["target_vocabulary"] = 6000  # the characters of the noise alone fill the profile's 4,000
    return Params.model_validate(whole)


def uncleaned(whole: Params) -> Params:
    """The same with every rule switched off."""
    block = whole.clean.model_dump()
    block["rules"] = {name: False if isinstance(value, bool) else None for name, value in block["rules"].items()}
    block["deduplicate"] |= {"near": False, "max_targets_per_source": 0, "max_sources_per_target": 0}
    block["pair_score"] = None
    return whole.model_copy(update={"clean": type(whole.clean).model_validate(block)})


def trained(whole: Params, folder: Path) -> dict[str, Any]:
    """Run the stages up to the evaluation of the teacher; what it kept, scored and translated."""
    job = Job(whole, Workspace(folder), item="teacher")
    done = job.work.reports / "evaluate" / "teacher.json"
    if not done.exists():
        for stage in (download, clean, tokenize, train, evaluate):
            print(stage.run(job).summary, flush=True)
    scores, cleaned = files.read_json(done), files.read_json(job.work.reports / "clean.json")
    hypotheses = done.with_name("teacher.hypotheses.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return {
        "training_pairs": cleaned["splits"]["train"],
        "noise_caught": cleaned.get("recall"),
        "bleu": scores["bleu"],
        "chrf": scores["chrf"],
        "hypotheses": hypotheses,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    parser.add_argument("--share", type=float, default=0.4)
    parser.add_argument("--updates", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        good = pairs(arguments.data, "enzh_open").filter(pl.col("corpus") == "tatoeba")
        raw = spoilt(good, arguments.data, LANGUAGES, arguments.share, arguments.seed)
        raw.select("source", "target").write_ndjson(folder / "noisy.jsonl")
        whole = settings(arguments.data.resolve(), folder / "noisy.jsonl", arguments.updates, arguments.threads)
        sides = {
            "noisy": trained(uncleaned(whole), folder / "noisy"),
            "cleaned": trained(whole, folder / "cleaned"),
        }
        references = pl.read_parquet(folder / "cleaned" / "data" / "clean" / "test.parquet")["target"].to_list()
    baseline, candidate = (side.pop("hypotheses") for side in sides.values())
    tests = [compare(baseline, candidate, references, "zh", metric=metric) for metric in ("bleu", "chrf")]
    print(json.dumps({
        "benchmark": "cleaning_worth", "noise_share": arguments.share, "updates": arguments.updates, **sides,
        "better_by": {
            test.metric: {"delta": round(test.delta, 2), "low": round(test.low, 2), "high": round(test.high, 2),
                          "p_randomisation": test.p_randomisation}
            for test in tests
        },
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
