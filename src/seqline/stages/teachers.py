"""What translates for ``synthesize``: the project's teacher, several models, or one from elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import ctranslate2

from seqline import files
from seqline.compression.foreign import MARIAN, SOURCE, TARGET, ForeignTranslator, converted, is_foreign
from seqline.decoding.translator import open_ensemble
from seqline.errors import MismatchError, MissingError
from seqline.models.config import TransformerConfig, read_config
from seqline.serving.bundle import DESCRIPTION, Bundle, Description
from seqline.stages.bundling import export
from seqline.stages.job import Job
from seqline.stages.opening import WEIGHTS, open_translator
from seqline.types import Searcher, Translator

TEACHER = "teacher"


def checked(job: Job) -> list[Path]:
    """The folders of the teachers; those of our own are whole, as is ``synthesize.backward``.

    Raises:
        MissingError: one is not there.
        MismatchError: one is of other languages, or of another kind, than it must be.
    """
    source, target = job.params.project.languages
    folders = [_folder(job, name) for name in job.params.synthesize.teachers]
    for folder in folders:
        if not is_foreign(folder):
            _check_own(folder)
            _check_languages(folder, source, target)
        if len(folders) > 1 and not (folder / WEIGHTS).is_file():
            raise MismatchError(f"{folder}: several teachers must be torch models of Seqline's; give it alone")
    if backward := _backward_folder(job):
        files.verify(backward)
        _check_languages(backward, target, source)
        if files.content_hash(backward) in map(_hash, folders):
            raise MismatchError(
                f"synthesize.backward: {backward} is a teacher too, so it translates {source} → {target}; name a model "
                f"{target} → {source}"
            )
    return folders


def opened_backward(job: Job) -> Searcher | None:
    """The model of the other direction, if one shall judge."""
    backward = _backward_folder(job)
    return open_translator(backward, job.params) if backward else None


def content(job: Job) -> list[str]:
    """The hash of each teacher's content, and of the model of the other direction."""
    backward = _backward_folder(job)
    teachers = [_hash(_folder(job, name)) for name in job.params.synthesize.teachers]
    return [*teachers, files.content_hash(backward)] if backward else teachers


def opened(job: Job, teachers: Sequence[Path], scratch: Path) -> Translator:
    """The teachers, exported or converted for CTranslate2 into ``scratch`` where that is possible."""
    settings, project, device = job.params.synthesize, job.params.project, device_of(job)
    if len(teachers) > 1:
        return open_ensemble(teachers, project.threads, settings.batch_tokens)
    (teacher,) = teachers
    if is_foreign(teacher):
        return ForeignTranslator.open(
            converted(teacher, scratch / "converted", settings.compute_type),
            threads=project.threads,
            batch_tokens=settings.batch_tokens,
            prefix=settings.prefix,
            device=device,
        )
    if not (teacher / WEIGHTS).is_file() or not isinstance(read_config(teacher / "config.json"), TransformerConfig):
        return open_translator(teacher, job.params, settings.batch_tokens, device=device)
    export(job, teacher, scratch / "teacher", settings.compute_type, has_shortlist=True)
    bundle = scratch / "teacher"
    return Bundle.open(bundle, threads=project.threads, batch_tokens=settings.batch_tokens, device=device)


def device_of(job: Job) -> str:
    """``cuda`` where the project allows a GPU and CTranslate2 has one; else ``cpu``."""
    return "cuda" if job.params.project.device != "cpu" and ctranslate2.get_cuda_device_count() else "cpu"


def _backward_folder(job: Job) -> Path | None:
    backward = job.params.synthesize.backward
    return job.work.root / backward if backward else None


def _folder(job: Job, name: str) -> Path:
    return job.work.model(name) if name == TEACHER else job.work.root / name


def _check_own(folder: Path) -> None:
    """Of a folder that is neither ours nor foreign it is said what it lacks to be foreign."""
    is_a_model = any((folder / name).is_file() for name in ("config.json", MARIAN))
    if is_a_model and not (folder / files.MANIFEST).is_file():
        raise MissingError(
            f"{folder}: neither {files.MANIFEST}, which a model of Seqline's has, nor {SOURCE}, which one from "
            f"elsewhere needs; put its {SOURCE} and {TARGET} there"
        )
    files.verify(folder)


def _check_languages(folder: Path, source: str, target: str) -> None:
    """Only bundles tell theirs."""
    if not (folder / DESCRIPTION).is_file():
        return
    description = Description.read(folder)
    if (_base(description.source), _base(description.target)) != (_base(source), _base(target)):
        raise MismatchError(
            f"{folder}: translates {description.source} → {description.target}, and {source} → {target} is wanted; "
            "name another folder in the params of synthesize"
        )


def _base(language: str) -> str:
    """``zh`` of ``zh_Hans``."""
    return language.split("_")[0]


def _hash(folder: Path) -> str:
    if not is_foreign(folder):
        return files.content_hash(folder)
    return files.fingerprint([files.sha256(path) for path in sorted(folder.iterdir()) if path.is_file()])
