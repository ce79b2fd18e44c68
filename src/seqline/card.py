"""The model card of a version (Mitchell et al. 2019): what it is for, how good, made how and from what, and its limits.

A function of what the stages have left, so the same outputs give the same bytes. It lies beside the bundle, never in
it: what a version is recognised by, the hash of its content, does not know the card.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqline.errors import MissingError
from seqline.params import Params
from seqline.params.base import Block
from seqline.resolving import fetched, find
from seqline.types import Registry
from seqline.workspace import Workspace

FILE = "README.md"

_FEW_PAIRS = 30  # below it a slice's score says little
_SHAPE = ("kind", "width", "heads", "ffn", "encoder_layers", "decoder_layers", "layers")
_OF_TRANSFORMERS, _OF_RECURRENT = {"heads_share", "ffn_share"}, {"hidden_share"}
_QUANTIZED = "-quantized"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Findings:
    """What a card is written from.

    ``evaluations`` are the reports of ``evaluate``, by model and in order; ``cleaning`` is that of ``clean``, where it
    is there; ``reason`` says why ``selected`` is the one that is shipped.
    """

    params: Params
    selected: str
    reason: str
    content_hash: str
    evaluations: Mapping[str, Document]
    cleaning: Document | None
    lineage: Document


def write(found: Findings) -> str:
    """The card, in Markdown."""
    project, shipped = found.params.project, found.evaluations[found.selected]
    parts = [
        f"# {project.name}",
        f"Translates {project.source} to {project.target}, a line at a time; {_number(shipped['size_mb'])} MB; runs on "
        "CTranslate2 and SentencePiece, without PyTorch.",
        *_section("Intended use", _use(found)),
        *_section("Scores", _scores(found, shipped)),
        *_section("Size and speed", [_speed(shipped)]),
        *_section("Limits", _limits(found, shipped)),
        *_section("How it was made", _made(found)),
        *_section("Data", _data(found)),
        *_section("Origin", [_origin(found)]),
    ]
    return "\n\n".join(parts) + "\n"


def read(work: Workspace, uri: str, registry: Registry) -> str:
    """The card of a registered version, with what the gate has decided since it was written.

    Raises:
        MissingError: there is no such version, or it was registered without a card.
        InputError: the URI is not of a registered version.
        ArtifactError: the registry holds other files than were registered.
    """
    version = find(registry, uri)
    path = fetched(work, registry, version).parent / FILE
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not text:
        raise MissingError(f"{version.name} version {version.number}: it was registered without a card")
    return f"{text}\n## The gate\n\n{_decision(version.tags)}\n"


def _section(title: str, parts: Iterable[str]) -> list[str]:
    return [f"## {title}", *parts]


def _use(found: Findings) -> Iterator[str]:
    project = found.params.project
    corpora = _text(", ".join(dict.fromkeys(one["name"] for one in found.lineage.get("corpora", []))))
    yield (
        f"Lines in {project.source} of the kind that it was trained and tested on"
        f"{f' ({corpora})' if corpora else ''}. Text of another kind it may translate badly: nothing "
        "else was measured. Where a wrong translation does harm, a person must check it."
    )
    yield (
        "```python\n"
        f'mlflow.pyfunc.load_model("models:/{project.name}@champion").predict(["…"], '
        f'params={{"beam": {found.params.evaluate.beam}}})\n```'
    )


def _scores(found: Findings, shipped: Document) -> Iterator[str]:
    low, high = shipped.get("bleu_low"), shipped.get("bleu_high")
    interval = f"{low:.2f} … {high:.2f}" if low is not None and high is not None else "-"
    signatures = shipped.get("signatures", {})
    yield (
        f"{_count(shipped.get('pairs'))} test pairs, sha256 `{shipped.get('test_hash', 'not known')}`; "
        f"beam {shipped.get('beam', found.params.evaluate.beam)}."
    )
    yield _table(
        ("metric", "score", "95 % interval", "signature"),
        [
            (label, f"{shipped[name]:.2f}", interval if name == "bleu" else "-", signatures.get(name, "-"))
            for name, label in (("bleu", "BLEU"), ("chrf", "chrF2"), ("ter", "TER, lower is better"))
        ],
    )
    sets = shipped.get("sets", {})
    if len(sets) > 1:
        rows = [(name, _count(one.get("pairs")), one["bleu"], one["chrf"]) for name, one in sets.items()]
        yield _table(("test set", "pairs", "BLEU", "chrF2"), rows)
    slices = shipped.get("slices", {})
    if scored := [(name, one) for name, one in slices.items() if "bleu" in one]:
        rows = [(name, _count(one["count"]), one["bleu"], one["chrf"]) for name, one in scored]
        yield _table(("slice (length: words of the source)", "pairs", "BLEU", "chrF2"), rows)
    if failures := [(name, one) for name, one in slices.items() if "bleu" not in one]:
        shares = [(name, _count(one["count"]), f"{one['share']:.2%}") for name, one in failures]
        yield _table(("failure", "translations", "share"), shares)


def _speed(shipped: Document) -> str:
    rows = [
        ("on disk", f"{_number(shipped['size_mb'])} MB"),
        ("source words a second, in batches", _number(shipped["words_per_s"])),
        ("a single line: p50 · p95", f"{_number(shipped['p50_ms'])} · {_number(shipped['p95_ms'])} ms"),
        ("memory at most", f"{_number(shipped.get('peak_rss_mb'))} MB"),
    ]
    threads = shipped.get("threads")
    return _table(("on the machine that made it", f"with {threads} threads" if threads else ""), rows)


def _limits(found: Findings, shipped: Document) -> Iterator[str]:
    slices = {name: one for name, one in shipped.get("slices", {}).items() if "chrf" in one}
    limits = ["Scores are automatic, against one reference each. No person has judged its translations."]
    if few := [f"{name} ({one['count']} pairs)" for name, one in slices.items() if one["count"] < _FEW_PAIRS]:
        limits.append(f"Hardly measured: {', '.join(few)}. Slices that are not listed occur in no test pair.")
    if known := {name: one for name, one in slices.items() if one["count"] >= _FEW_PAIRS}:
        weakest = min(known, key=lambda name: float(known[name]["chrf"]))
        limits.append(f"Weakest slice: {weakest}, {known[weakest]['chrf']:.1f} chrF2.")
    if found.params.quantize.shortlist:
        limits.append("With its shortlist a line may now and then be translated otherwise in another batch.")
    limits.append("What stands in its training data (names, views, errors) may show in its translations.")
    yield "\n".join(f"- {limit}" for limit in limits)


def _made(found: Findings) -> Iterator[str]:
    yield f"{' → '.join(_chain(found.selected, found.params))}. `{found.selected}` is shipped: {_text(found.reason)}."
    rows = []
    for name, one in found.evaluations.items():
        weights = one.get("parameters") or found.evaluations.get(name.removesuffix(_QUANTIZED), {}).get("parameters")
        parameters = f"{weights / 1e6:.2f} M" if weights else "-"
        scores = (f"{one['bleu']:.2f}", f"{one['chrf']:.2f}", _number(one["size_mb"]), _number(one["words_per_s"]))
        rows.append((name, _how(name, found.params), parameters, *scores))
    yield _table(("model", "how", "parameters", "BLEU", "chrF2", "MB", "words/s"), rows)


def _chain(name: str, params: Params) -> list[str]:
    """A model's forebears and itself, the teacher first."""
    if name.endswith(_QUANTIZED):
        return [*_chain(name.removesuffix(_QUANTIZED), params), name]
    if name in params.prune.models:
        return [*_chain("student", params), name]
    return ["teacher", "student"] if name == "student" else [name]


def _how(name: str, params: Params) -> str:
    base = name.removesuffix(_QUANTIZED)
    if name != base:
        shortlist = f", shortlist of {params.quantize.shortlist}" if params.quantize.shortlist else ""
        return f"{base} in {params.quantize.models.get(base, 'other numbers')}{shortlist}"
    if name in params.prune.models:
        foreign = _OF_RECURRENT if params.distill.model.kind == "transformer" else _OF_TRANSFORMERS
        cut = params.prune.models[name].model_dump(exclude_none=True, exclude=foreign)
        return "cut out of the student: " + ", ".join(f"{key} {value}" for key, value in cut.items() if value)
    if name == "student":
        learnt = "the teacher's translations" if params.distill.sequence_level else "original pairs"
        return f"learnt {learnt}, {params.distill.originals:.0%} originals; {_shape(params.distill.model)}"
    start = f"from {params.train.start}; " if params.train.start else ""
    return f"{start}{_shape(params.train.model)}" if name == "teacher" else "-"


def _shape(model: Block) -> str:
    found = {key: getattr(model, key) for key in _SHAPE if hasattr(model, key)}
    return ", ".join(str(value) if key == "kind" else f"{key} {value}" for key, value in found.items())


def _data(found: Findings) -> Iterator[str]:
    corpora: Sequence[Document] = found.lineage.get("corpora", [])
    rows = [
        (one["name"], one["split"], _count(one["lines"]), _count(one.get("bytes")), one["licence"],
         one.get("url") or one["kind"], one.get("date") or "-")
        for one in corpora
    ]  # fmt: skip
    yield _table(("corpus", "split", "lines", "bytes", "licence", "origin", "date"), rows)
    if citations := list(dict.fromkeys(_text(one["citation"]) for one in corpora if one.get("citation"))):
        yield "To be cited:"
        yield "\n".join(f"- {cited}" for cited in citations)
    if found.cleaning is None:
        return
    yield f"Cleaning kept {found.cleaning['kept']:,} of {found.cleaning['read']:,} pairs."
    if dropped := {rule: count for rule, count in found.cleaning.get("dropped", {}).items() if count}:
        yield _table(("dropped as", "pairs"), [(rule, _count(count)) for rule, count in dropped.items()])


def _origin(found: Findings) -> str:
    code = found.lineage.get("code", {})
    commit, start = code.get("commit") or "not under version control", found.lineage.get("start")
    packages = ", ".join(f"{name} {version}" for name, version in found.lineage.get("packages", {}).items() if version)
    lines = [
        f"Code: {commit}{' and uncommitted changes' if code.get('dirty') else ''}.",
        f"Content hash: `{found.content_hash}`.",
        f"The teacher went on from {start['model']}, content hash `{start['content_hash']}`." if start else "",
        f"Made with {packages}." if packages else "",
        "The whole lineage, down to the sums of the raw files, is in `lineage.json` beside this card. What the gate "
        "decided stands in the version's tags, `gate.…`; `seqline card` prints it with the card.",
    ]
    return "\n".join(line for line in lines if line)


def _decision(tags: Mapping[str, str]) -> str:
    decision = tags.get("gate.decision")
    if not decision:
        return "Not judged yet."
    against = tags.get("gate.against", "")
    facts = f"Decision: {decision}{f', against version {against}' if against.isdigit() else ''}."
    checks = json.loads(tags.get("gate.checks", "[]"))
    rows = [(one["check"], "passed" if one["passed"] else "FAILED", one["detail"]) for one in checks]
    return f"{facts}\n\n{_table(('check', '', 'detail'), rows)}" if rows else facts


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return _text(value).replace("|", "\\|")


def _text(value: object) -> str:
    """One line in which nothing becomes HTML; numbers with two digits."""
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _number(value: float | None) -> str:
    """Three digits, or all before the point."""
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
