"""A bundle as an MLflow model folder: code, bundle, runtime, lineage and model card."""

import shutil
from importlib.metadata import version
from pathlib import Path

from seqline import serving
from seqline.files import write_json, write_text
from seqline.types import Facts

BUNDLE = "artifacts/bundle"
EXAMPLE_BEAM = 4
_MAX_DESCRIPTION = 5000  # characters; SQLite takes more, other databases refuse

_REQUIREMENTS = ("mlflow", "ctranslate2", "sentencepiece")
# What `seqline.serving` imports; shipped with it and the model, so that it loads where Seqline is not installed.
_BELOW = ("__init__.py", "errors.py", "files.py", "types.py")


def package(folder: Path, bundle: Path, facts: Facts, *, run_id: str, model_id: str) -> None:
    """Write the model into ``folder``, which must not exist; MLflow runs it once on the example to infer its signature.

    The folder's parent is used for scratch files.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    source = Path(serving.__file__).parent
    scratch = folder.parent
    shutil.copytree(bundle, scratch / "bundle")  # a link would be refused
    runtime = scratch / "runtime" / "seqline"
    shutil.copytree(source, runtime / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _BELOW:
        shutil.copyfile(source.parent / name, runtime / name)
    write_json(scratch / "lineage.json", facts.lineage)
    write_text(scratch / "README.md", facts.card)
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


def description(card: str) -> str:
    """A card as short as MLflow's databases take a description: whole, or cut before the section that is too much."""
    if len(card) <= _MAX_DESCRIPTION:
        return card
    note = "\n\nMore is in `README.md` among the files of the model.\n"
    short = card[: _MAX_DESCRIPTION - len(note)]
    return short[: short.rfind("\n\n## ")].rstrip() + note if "\n\n## " in short else short + note
