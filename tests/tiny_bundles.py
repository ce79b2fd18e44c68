"""Real bundles small enough to build in a moment, and a project around one of them."""

import io
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from seqline.files import content_hash, manifest, staged, write_json
from seqline.workspace import Workspace

WIDTH = 16
EVALUATED = ("teacher", "student", "pruned", "teacher-quantized", "student-quantized", "pruned-quantized")
SENTENCES = (
    "the cat sat on the mat", "a dog ran home", "good morning", "where is the train station", "I would like some tea",
    "one two three four", "she reads a long book", "we meet on monday", "他在看一本书", "早上好", "火车站在哪里",
    "我想喝茶", "一二三四五", "猫坐在垫子上", "狗跑回家了", "我们星期一见面",
)  # fmt: skip


def write_project(root: Path, bundle: Path) -> Workspace:
    """A project whose stages have run and left ``bundle`` as every model, which scores 100 BLEU on 60 test pairs."""
    import polars as pl

    from seqline.serving.bundle import Bundle

    work = Workspace(root)
    shutil.copyfile(Path(__file__).parents[1] / "params.yaml", work.params)
    sources = [f"{first} {second}" for first in SENTENCES[:8] for second in SENTENCES[:8]][:60]
    targets = [best[0].text for best in Bundle.open(bundle).translate(sources)]
    train = [(f"train {source}", f"训练{target}") for source, target in zip(sources, targets, strict=True)]
    corpus = {
        "name": "tiny", "kind": "local", "licence": "CC0-1.0", "url": "https://example.org/tiny", "lines": 60,
        "citation": "Doe et al. 2026", "date": "2026-11-20", "bytes": 4321, "fetched": {},
    }  # fmt: skip
    corpora = [{**corpus, "split": split, "inputs": {f"tiny.{split}.tsv": "ab" * 32}} for split in ("train", "test")]
    with staged(work.raw, corpora=corpora) as folder:
        (folder / "tiny.train.parquet").write_bytes(b"raw")
    with staged(work.clean) as folder:
        for split, pairs in {"train": train, "test": list(zip(sources, targets, strict=True))}.items():
            rows = [(row, "tiny", 2 * row + 1, *pair) for row, pair in enumerate(pairs)]
            frame = pl.DataFrame(rows, schema=["id", "corpus", "line", "source", "target"], orient="row")
            frame.write_parquet(folder / f"{split}.parquet")
    with staged(work.tokenized) as folder:
        for side in ("source.model", "target.model"):
            shutil.copyfile(bundle / side, folder / side)
    for name in (*EVALUATED, "selected"):
        with staged(work.model(name)) as folder:
            for file in manifest(bundle)["files"]:
                shutil.copyfile(bundle / file, folder / file)
        scores = {"bleu": 100.0, "chrf": 100.0, "ter": 0.0, "size_mb": 0.5}
        speeds = {"words_per_s": 9000.0, "single_words_per_s": 900.0, "p50_ms": 1.0, "p95_ms": 2.0, "peak_rss_mb": 90.0}
        facts = {
            "content_hash": content_hash(work.model(name)),
            "test_hash": manifest(work.clean)["files"]["test.parquet"],
            "is_deployable": name.endswith("-quantized"),
        }
        write_json(work.reports / "evaluate" / f"{name}.json", {"model": name, **facts, **scores, **speeds})
    choice = {"selected": "pruned-quantized", "reason": "the smallest", "candidates": {}}
    write_json(work.reports / "select.json", choice)
    return work


def write_bundle(folder: Path, *, seed: int, name: str = "tiny") -> Path:
    """A bundle en → zh whose output is a function of the seed; ``name`` changes its content hash and nothing else."""
    import sentencepiece

    from seqline.serving.bundle import Description

    rng = np.random.default_rng(seed)
    pieces_model = _sentencepiece()
    processor = sentencepiece.SentencePieceProcessor(model_proto=pieces_model)
    pieces = [processor.id_to_piece(index) for index in range(processor.get_piece_size())]
    with staged(folder) as partial:
        spec = _spec(pieces, rng)
        spec.save(str(partial))
        for side in ("source.model", "target.model"):
            (partial / side).write_bytes(pieces_model)
        Description(name, "en", "zh", max_pieces=60, length_ratio=1.0, length_constant=6).write(partial)
    return folder


@cache
def _sentencepiece() -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 3), model_writer=model, vocab_size=400, model_type="unigram",
        byte_fallback=True, hard_vocab_limit=False, pad_id=0, unk_id=1, bos_id=2, eos_id=3, minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


def _spec(pieces: list[str], rng: np.random.Generator) -> Any:
    import ctranslate2

    spec = ctranslate2.specs.TransformerSpec.from_config((1, 1), 2, pre_norm=True)
    for embeddings in (spec.encoder.embeddings[0], spec.decoder.embeddings):
        embeddings.weight = _random(rng, len(pieces), WIDTH)
    spec.decoder.projection.weight = _random(rng, len(pieces), WIDTH)
    # Bytes and control pieces never; EOS now and then.
    spec.decoder.projection.bias = np.array([-30.0 if piece.startswith("<") else 0.0 for piece in pieces], np.float32)
    spec.decoder.projection.bias[3] = 1.0
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = _random(rng, 128, WIDTH)
        _norm(side.layer_norm)
        for layer in side.layer:
            _linears(layer.self_attention, rng, 3, 1)
            if side is spec.decoder:
                _linears(layer.attention, rng, 1, 2, 1)
            _norm(layer.ffn.layer_norm)
            _linear(layer.ffn.linear_0, rng, 2 * WIDTH, WIDTH)
            _linear(layer.ffn.linear_1, rng, WIDTH, 2 * WIDTH)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def _linears(attention: Any, rng: np.random.Generator, *widths: int) -> None:
    _norm(attention.layer_norm)
    for linear, factor in zip(attention.linear, widths, strict=True):
        _linear(linear, rng, factor * WIDTH, WIDTH)


def _linear(linear: Any, rng: np.random.Generator, rows: int, columns: int) -> None:
    linear.weight, linear.bias = _random(rng, rows, columns), np.zeros(rows, np.float32)


def _norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _random(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape, dtype=np.float32)
