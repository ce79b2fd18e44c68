"""Reading params.yaml: every mistake is found before any work, and all of them are told at once."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from seqline.errors import ParamsError
from seqline.params.base import Block
from seqline.params.cleaning import Clean
from seqline.params.compression import Prune, Quantize, Synthesize
from seqline.params.corpora import Download
from seqline.params.deployment import Drift, Evaluate, Project, Promote, Select
from seqline.params.modelling import Distill, Tokenize, Train

QUANTIZED = "-quantized"
"""What the name of a quantised model has behind the name of the one that it was made from."""
_NAMED = frozenset({"teacher", "student", "selected"})


class Params(Block):
    """The whole of params.yaml."""

    project: Project
    download: Download
    clean: Clean
    tokenize: Tokenize
    train: Train
    synthesize: Synthesize
    distill: Distill
    prune: Prune
    quantize: Quantize
    evaluate: Evaluate
    select: Select
    promote: Promote
    drift: Drift

    @model_validator(mode="after")
    def _cleaning_knows_the_corpora(self) -> Self:
        known = {corpus.name for corpus in self.download.corpora}
        trusted = self.clean.length_band.trusted if self.clean.length_band else []
        keys: dict[str, Iterable[str]] = {
            "corpora": self.clean.corpora,
            "mix.max_pairs": self.clean.mix.max_pairs,
            "length_band.trusted": trusted,
        }
        for key, named in keys.items():
            if strangers := sorted(set(named) - known):
                raise ValueError(
                    f"clean.{key}: no such corpus: {', '.join(strangers)}; there are {', '.join(sorted(known))}"
                )
        return self

    @model_validator(mode="after")
    def _tied_embeddings_need_one_vocabulary(self) -> Self:
        for block in ("train", "distill"):
            if getattr(self, block).model.tie == "all" and not self.tokenize.joint:
                raise ValueError(f"{block}.model.tie: `all` ties source and target, so tokenize.joint must be true")
        return self

    @model_validator(mode="after")
    def _a_teacher_can_initialise_only_its_like(self) -> Self:
        if self.distill.initialise == "random":
            return self
        teacher, student = self.train.model, self.distill.model
        name = f"distill.students.{self.distill.student}"
        if teacher.kind != student.kind:
            raise ValueError(f"distill.initialise: a {teacher.kind} teacher has no layers to give; say `random`")
        for key in ("width", "heads", "ffn", "activation", "norm", "norm_place", "positions", "tie"):
            if getattr(teacher, key) != getattr(student, key):
                raise ValueError(f"distill.initialise: `teacher` needs {name}.{key} equal to train.model.{key}")
        for key in ("encoder_layers", "decoder_layers"):
            if getattr(teacher, key) < getattr(student, key):
                raise ValueError(f"distill.initialise: the teacher has too few {key} for {name}.{key}")
        return self

    @model_validator(mode="after")
    def _models_are_made_before_they_are_used(self) -> Self:
        pruned = list(self.prune.models)
        if taken := [name for name in pruned if name in _NAMED or name.endswith(QUANTIZED)]:
            raise ValueError(f"prune.models: {', '.join(taken)} means another model; choose another name")
        trained = ["teacher", "student", *pruned]
        if strangers := [name for name in self.quantize.models if name not in trained]:
            raise ValueError(f"quantize.models: no such model: {', '.join(strangers)}; there are {', '.join(trained)}")
        made = [*trained, *(f"{name}{QUANTIZED}" for name in self.quantize.models)]
        if strangers := [name for name in self.evaluate.models if name not in made]:
            raise ValueError(f"evaluate.models: no such model: {', '.join(strangers)}; there are {', '.join(made)}")
        if "teacher" not in self.evaluate.models:
            raise ValueError("evaluate.models: the others are compared with the teacher; name it too")
        return self

    @model_validator(mode="after")
    def _targets_are_measured_as_deployed(self) -> Self:
        for name, smaller in self.prune.models.items():
            kind = self.quantize.models.get(name, "int8")
            if smaller.target and smaller.target.parameters is None and not kind.startswith("int8"):
                raise ValueError(
                    f"prune.models.{name}.target: mb and ms are those of int8, and quantize.models.{name} is {kind}; "
                    "say int8, or a target in parameters"
                )
        return self

    @model_validator(mode="after")
    def _lessons_belong_to_fixed_pieces(self) -> Self:
        blocks = {"distill.optimisation": self.distill.optimisation, "prune.recovery": self.prune.recovery}
        for name, block in blocks.items():
            if self.distill.word_level and block.subword_sampling:
                raise ValueError(
                    f"{name}.subword_sampling: what a teacher says of pieces does not hold for others; say 0, or "
                    "distill.word_level: 0"
                )
        return self


def load(path: Path) -> Params:
    """Read and check a parameter file.

    Raises:
        ParamsError: the file is absent, is not YAML, repeats a key, or holds unknown, mistyped or impossible
            values; the message names every one of them.
    """
    try:
        return Params.model_validate(_parse(path))
    except ValidationError as error:
        faults = "; ".join(_describe(dict(fault)) for fault in error.errors())
        raise ParamsError(f"{path}: {faults}") from None


def _parse(path: Path) -> Any:
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        way_out = "run in the project's folder, or make one there with `seqline profile phrasebook`"
        raise ParamsError(f"{path}: no such file; {way_out}") from None
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path}: not UTF-8 at byte {error.start}") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = (error.problem or "not valid YAML").split("\n")[0]
        raise ParamsError(f"{path}: line {line}: {problem}") from None
    except YAMLError as error:
        raise ParamsError(f"{path}: not valid YAML ({str(error).split(chr(10))[0]})") from None
    if not isinstance(content, dict):
        raise ParamsError(f"{path}: expected blocks such as `project:` and `train:`, found {type(content).__name__}")
    return content


def _describe(fault: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in fault["loc"]) or "params"
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key"
    if fault["type"] == "missing":
        return f"{where}: missing"
    value = fault["input"]
    shown = "" if isinstance(value, dict | Block) else f" (found {value!r:.80})"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}{shown}"
