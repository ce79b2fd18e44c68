"""What pruning does to a model: heads and units, or hidden units, go in rounds, and after each it recovers."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from seqline import files, models
from seqline.compression.goals import least_share, measure_of
from seqline.compression.importance import Importances
from seqline.compression.smaller import Prunable, Shares, judge, without
from seqline.models.base import EncoderDecoder
from seqline.params.compression import Smaller
from seqline.params.modelling import Optimisation
from seqline.stages.bundling import export
from seqline.stages.distill import distillation_inputs
from seqline.stages.job import Job
from seqline.stages.modelling import Recipe, fit_model
from seqline.training.batching import Batch
from seqline.training.data import TrainingData
from seqline.training.loop import Curve

_TIMED_LINES = 60


@dataclass(frozen=True)
class Surgery:
    """The whole model, what it recovers on, and the held-out batches by which its parts are judged."""

    job: Job
    whole: Prunable
    data: TrainingData
    dev: pl.DataFrame
    batches: Sequence[Batch]

    @property
    def wanted(self) -> Smaller:
        """What the params say of this model."""
        return self.job.params.prune.models[self.job.item]

    def shares(self) -> tuple[Shares, dict[str, float]]:
        """What must go: what the params say, or, to reach a target, more; and what of the target is reached with it.

        Raises:
            StageError: the target cannot be reached.
        """
        wanted = self.wanted
        asked = Shares(wanted.heads_share, wanted.ffn_share, wanted.hidden_share, wanted.coefficients_share)
        if wanted.target is None:
            return asked, {}

        def cut(share: float) -> Prunable:
            return without(self.whole, self._importances, asked.at_least(share), self.whole)

        lines, beam = self.dev["source"].head(_TIMED_LINES).to_list(), self.job.params.evaluate.beam
        measure, goal, key = measure_of(wanted.target, self._deploy, lines, beam)
        share, reached = least_share(cut, measure, goal, f"prune.models.{self.job.item}.target.{key}")
        return asked.at_least(share), {key: reached}

    def perform(self, shares: Shares) -> tuple[Prunable, Curve]:
        """Prune and recover, round by round; the last round writes ``models/NAME``, and its curve is given."""
        rounds, model, curve = self.job.params.prune.rounds, self.whole, Curve()
        inputs = self._inputs(shares)
        between = self.job.work.checkpoints(f"prune-{self.job.item}-rounds") / files.fingerprint(inputs)[:16]
        for number in range(1, rounds + 1):
            target = self.job.work.model(self.job.item) if number == rounds else between / str(number)
            if number < rounds and (target / files.MANIFEST).is_file():  # a run that was killed has done it
                model = _prunable(models.load(target))
                continue
            wanted = shares.of_round(number, rounds)
            smaller = without(model, self._judged(model), wanted, self.whole)
            recipe = Recipe(
                name=f"prune-{self.job.item}-{number}",
                target=target,
                config=smaller.config,
                settings=self._recovery,
                inputs={**inputs, "round": str(number)},
                keeps_zeros=wanted.coefficients > 0,
            )
            found, curve = fit_model(self.job, recipe, self.data, self.dev, start=smaller)
            model = _prunable(found)
        shutil.rmtree(between.parent, ignore_errors=True)
        return model, curve

    @cached_property
    def _importances(self) -> Importances:
        return judge(self.whole, self.batches, self.job.params.prune.importance)

    def _judged(self, model: Prunable) -> Importances:
        if model is self.whole:
            return self._importances
        return judge(model, self.batches, self.job.params.prune.importance)

    @property
    def _recovery(self) -> Optimisation:
        recovery, aware = self.job.params.prune.recovery, self.wanted.int8_aware
        return recovery if aware is None else recovery.model_copy(update={"int8_aware": aware})

    def _inputs(self, shares: Shares) -> dict[str, str]:
        """The hashes of everything that the model of any round depends on."""
        params = self.job.params
        return {
            **distillation_inputs(self.job),
            "student": files.content_hash(self.job.work.model("student")),
            "prune": files.fingerprint(params.prune.model_dump(exclude={"models"})),
            "smaller": files.fingerprint(self.wanted.model_dump()),
            "shares": files.fingerprint(asdict(shares)),
            "project": files.fingerprint(params.project.model_dump(exclude={"name"})),
        }

    def _deploy(self, smaller: EncoderDecoder, folder: Path) -> None:
        """As it would be deployed in int8."""
        with TemporaryDirectory(prefix="seqline-prune-") as place:
            models.save(smaller, Path(place))
            self.data.tokenizer.save(Path(place))
            packed = self.job.params.quantize.packed
            export(self.job, Path(place), folder, "int8", has_shortlist=True, packed=packed)


def _prunable(model: EncoderDecoder) -> Prunable:
    assert isinstance(model, Prunable)
    return model
