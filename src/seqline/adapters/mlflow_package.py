"""A bundle as an MLflow model folder: code, bundle, runtime, lineage and model card."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqline import serving
from seqline.files import content_bytes, write_json, write_text
from seqline.types import Facts

BUNDLE = "artifacts/bundle"
EXAMPLE_BEAM = 4

_REQUIREMENTS = ("mlflow", "ctranslate2", "sentencepiece")
# What `seqline.serving.bundle` imports; shipped with the model, so that it loads where Seqline is not installed.
_RUNTIME = (
    "__init__.py",
    "errors.py",
    "files.py",
    "types.py",
    "serving/__init__.py",
    "serving/alignment.py",
    "serving/batching.py",
    "serving/bundle.py",
    "serving/packing.py",
    "serving/segments.py",
)


def package(folder: Path, bundle: Path, facts: Facts, card: str, *, run_id: str, model_id: str) -> None:
    """Write the model into ``folder``, which must not exist; MLflow runs it once on the example to infer its signature.

    The folder's parent is used for scratch files.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    source = Path(serving.__file__).parent
    scratch = folder.parent
    shutil.copytree(bundle, scratch / "bundle")  # a link would be refused
    for name in _RUNTIME:
        copy = scratch / "runtime" / "seqline" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.parent / name, copy)
    write_json(scratch / "lineage.json", facts.lineage)
    write_text(scratch / "README.md", card)
    artifacts = ("bundle", "runtime", "lineage.json", "README.md")
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(source / "pyfunc.py"),
        artifacts={name.removesuffix(".json").removesuffix(".md"): str(scratch / name) for name in artifacts},
        input_example=([facts.example], {"beam": EXAMPLE_BEAM}),
        pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
        mlflow_model=Model(run_id=run_id, model_id=model_id),
        metadata={"content_hash": facts.content_hash},
    )


def model_card(name: str, bundle: Path, facts: Facts) -> str:
    """A short model card in Markdown (Mitchell et al. 2019): what it is, how good, made from what, on which terms."""
    measures = "\n".join(f"| {key} | {value:.4g} |" for key, value in sorted(facts.metrics.items()))
    return f"""# {name}

Translates {facts.params.get("project.source")} to {facts.params.get("project.target")}; \
{content_bytes(bundle) / 1e6:.1f} MB; runs on CTranslate2 and SentencePiece, without PyTorch.

| measure | value |
|---|---|
{measures}

## Training and test data

{_data(facts.lineage.get("corpora", []))}

## Origin

Code: {facts.lineage.get("code", {}).get("commit") or "not under version control"}.
Content hash: `{facts.content_hash}`. The whole lineage is in `lineage.json` beside this card.

## Use

```python
mlflow.pyfunc.load_model("models:/{name}@champion").predict(["…"], params={{"beam": {EXAMPLE_BEAM}}})
```
"""


def _data(corpora: Sequence[Mapping[str, Any]]) -> str:
    """A table of corpora, and what is to be cited for them."""
    rows = [
        f"| {one['name']} | {one['split']} | {one['lines']:,} | {one.get('bytes') or '-'} | {one['licence']} "
        f"| {one['url'] or one['kind']} | {one.get('date') or '-'} |"
        for one in corpora
    ]
    table = ["| corpus | split | lines | bytes | licence | origin | date |", "|---|---|---|---|---|---|---|", *rows]
    citations = [f"- {cited}" for cited in dict.fromkeys(one.get("citation") for one in corpora) if cited]
    return "\n".join([*table, *(["", "To be cited:", "", *citations] if citations else [])])
