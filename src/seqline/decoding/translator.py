"""Models that translate lines, whatever the lines hold, by searching over their steps."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from seqline import models
from seqline.decoding import hypothesis as decoded
from seqline.decoding.ensemble import Ensemble
from seqline.decoding.hypothesis import Required
from seqline.decoding.scoring import score_by_steps
from seqline.decoding.search import search as search_pieces
from seqline.errors import InputError, MismatchError
from seqline.models.base import EncoderDecoder, StepModel
from seqline.models.products import cpu_has_bf16
from seqline.serving.alignment import alignment, num_words
from seqline.serving.batching import batches
from seqline.serving.segments import Hypothesis, Segment, composed, segmented
from seqline.special import BOS, EOS, PAD
from seqline.tokenization import Tokenizer
from seqline.types import Demand, Search, Translation

_MANY_ROWS = 512
"""Of sentences times beam: of fewer it does not pay to round the weights, or to give a core work of its own."""

MAX_SEGMENT_PIECES = 400
"""Longer lines are cut: twice as many target pieces still have their positions."""


Attention = tuple[list[str], list[str], list[list[float]]]
"""Source pieces, target pieces, and how each target piece (a row) attends over the source pieces."""


@dataclass(frozen=True)
class StepTranslator:
    """A model with its tokenizers. ``batch_tokens`` bounds rows × source length of a batch."""

    model: StepModel[Any]
    tokenizer: Tokenizer
    batch_tokens: int = 4096

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """Translations of each line, in order, whatever the lines hold; an empty line gives one empty one."""
        return self.search(lines, Search(beam=max(beam, nbest), nbest=nbest))

    def search(
        self, lines: Sequence[str], search: Search, demands: Sequence[Demand] = (), *, align: bool = False
    ) -> list[list[Translation]]:
        """The same with every option.

        ``demands`` are per line, or none; of a line that is longer than a model can translate at once they concern the
        first part. ``align`` fills ``Translation.alignment``.

        Raises:
            InputError: options exclude each other, or the model has not what an option needs.
        """
        segments = segmented(lines, self.tokenizer.source_pieces, MAX_SEGMENT_PIECES)
        required = [self._required(demands[s.line]) if demands and s.is_first else Required() for s in segments]
        sources = [self.tokenizer.source.piece_to_id(segment.pieces) for segment in segments]
        found: list[list[Hypothesis]] = [[] for _ in segments]
        width = search.nbest if search.sampling else search.beam

        def translate(rows: Sequence[int]) -> None:
            source_BS = pad([[*sources[row], EOS] for row in rows])
            caps = [length_cap(len(sources[row]) + 1) for row in rows]
            wanted = [required[row] for row in rows] if demands else []
            nbest = search_pieces(self.model, source_BS, search, caps, wanted)
            for row, hypotheses in zip(rows, nbest, strict=True):
                found[row] = self._texts(segments[row], sources[row], hypotheses, align=align)

        self._each_batch([len(ids) + 1 for ids in sources], width, translate)
        return composed(len(lines), segments, found, self.tokenizer.target_separator)

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[float]]:
        """Log-probabilities of each target's pieces and of its end, in the order of the pairs.

        Lines are not cut here.

        Raises:
            MismatchError: the counts differ.
        """
        if len(sources) != len(targets):
            raise MismatchError(
                f"{len(sources)} source lines but {len(targets)} target lines: they must be line by line"
            )
        source_ids, target_ids = self.tokenizer.encode_source(sources), self.tokenizer.encode_target(targets)
        lengths = [max(len(s), len(t)) + 1 for s, t in zip(source_ids, target_ids, strict=True)]
        found: list[list[float]] = [[] for _ in sources]
        for rows in batches(lengths, self.batch_tokens):
            source_BS = pad([[*source_ids[row], EOS] for row in rows])
            input_BT, label_BT = (
                pad([[*begin, *target_ids[row], *end] for row in rows]) for begin, end in (([BOS], []), ([], [EOS]))
            )
            for row, scores in zip(rows, self._score(source_BS, input_BT, label_BT).tolist(), strict=True):
                found[row] = scores[: len(target_ids[row]) + 1]
        return found

    def _each_batch(self, lengths: Sequence[int], width: int, work: Callable[[Sequence[int]], None]) -> None:
        """Call ``work`` with the sentences of each batch, of each of which ``width`` rows are computed."""
        for sentences in batches(lengths, self.batch_tokens // width):
            work(sentences)

    def _score(self, source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
        return score_by_steps(self.model, source_BS, input_BT, label_BT)

    def _required(self, demand: Demand) -> Required:
        encode = self.tokenizer.encode_target
        prefix = encode([demand.prefix])[0] if demand.prefix else []
        phrases = [tuple(ids) for ids in encode(demand.phrases)] if demand.phrases else []
        return Required(tuple(prefix), tuple(ids for ids in phrases if ids))

    def _texts(
        self, segment: Segment, source: list[int], hypotheses: Sequence[decoded.Hypothesis], *, align: bool
    ) -> list[Hypothesis]:
        texts = self.tokenizer.decode_target([hypothesis.ids for hypothesis in hypotheses])
        found = [
            Hypothesis(text, hypothesis.score, len(hypothesis.ids) + 1)
            for text, hypothesis in zip(texts, hypotheses, strict=True)
        ]
        if not align:
            return found
        return [
            self._aligned(text, segment, source, hypothesis.ids)
            for text, hypothesis in zip(found, hypotheses, strict=True)
        ]

    def _aligned(self, text: Hypothesis, segment: Segment, source: list[int], ids: Sequence[int]) -> Hypothesis:
        weights_1TS = self._attention(pad([[*source, EOS]]), pad([[BOS, *ids]]))
        if weights_1TS is None:
            raise InputError("an alignment is read from the attention of a single torch model; this is none")
        pieces = [str(self.tokenizer.target.id_to_piece(index)) for index in ids]
        pairs = alignment(weights_1TS[0].tolist(), segment.pieces, pieces)
        return Hypothesis(text.text, text.score, text.num_pieces, pairs, (num_words(segment.pieces), num_words(pieces)))

    def _attention(self, source_BS: Tensor, input_BT: Tensor) -> Tensor | None:
        """Where each target position looks, (B, T, S), if the model tells."""
        return None


@dataclass(frozen=True)
class TorchTranslator(StepTranslator):
    """A torch model with its tokenizers; it can show where it looked.

    It ``rounds`` where it searches with matrix products in bf16; what it says of given pairs is float32.
    """

    model: EncoderDecoder
    rounds: bool = False

    @classmethod
    def open(cls, folder: Path, threads: int, batch_tokens: int = 4096, precision: str = "auto") -> Self:
        """Load a model folder and set the number of threads torch uses.

        ``precision``: ``auto`` and ``bf16`` round on a CPU that is faster by it, ``fp32`` never does.
        """
        torch.set_num_threads(threads)
        rounds = precision != "fp32" and cpu_has_bf16()
        return cls(models.load(folder), Tokenizer.load(folder), batch_tokens, rounds)

    def search(
        self, lines: Sequence[str], search: Search, demands: Sequence[Demand] = (), *, align: bool = False
    ) -> list[list[Translation]]:
        """Translations of each line, in order."""
        pays = self.rounds and len(lines) * search.beam >= _MANY_ROWS
        with self.model.halved() if pays else nullcontext():
            return super().search(lines, search, demands, align=align)

    def _each_batch(self, lengths: Sequence[int], width: int, work: Callable[[Sequence[int]], None]) -> None:
        """The same; of much work each core gets batches of its own, and waits for nobody.

        Threads that share each product wait for each other many times a step, for long where others use the cores too.
        With few rows, though, they would wait for Python's lock.
        """
        threads = torch.get_num_threads()
        if threads == 1 or len(lengths) * width < threads * _MANY_ROWS:
            super()._each_batch(lengths, width, work)
            return
        tokens = max(1, min(self.batch_tokens // width, sum(lengths) // threads))
        with _threads_of_one_core(threads) as pool:
            parts = reversed(list(batches(lengths, tokens)))  # the longest first
            for future in [pool.submit(work, sentences) for sentences in parts]:
                future.result()

    def attention(self, source: str, target: str) -> Attention | None:
        """Where each piece of the target looked; None of a model without attention."""
        source_ids, target_ids = self.tokenizer.encode_source([source])[0], self.tokenizer.encode_target([target])[0]
        weights_1TS = self._attention(pad([[*source_ids, EOS]]), pad([[BOS, *target_ids]]))
        if weights_1TS is None:
            return None
        return (
            [*self.tokenizer.source_pieces(source), "</s>"],
            [*self.tokenizer.target_pieces(target), "</s>"],
            [[round(weight, 4) for weight in row] for row in weights_1TS[0].tolist()],
        )

    @torch.inference_mode()
    def _attention(self, source_BS: Tensor, input_BT: Tensor) -> Tensor | None:
        return self.model.attend(self.model.encode(source_BS), input_BT)


@contextmanager
def _threads_of_one_core(number: int) -> Iterator[ThreadPoolExecutor]:
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(number, initializer=lambda: torch.set_num_threads(1))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(number)


def open_ensemble(folders: Sequence[Path], threads: int, batch_tokens: int = 4096) -> StepTranslator:
    """Open torch models that translate together.

    Raises:
        MissingError: a folder holds no torch model.
        MismatchError: their tokenizers differ, so their pieces do not mean the same.
    """
    members = [TorchTranslator.open(folder, threads, batch_tokens) for folder in folders]
    first = members[0].tokenizer
    for folder, member in zip(folders[1:], members[1:], strict=True):
        for side in ("source", "target"):
            ours, theirs = (getattr(t, side).serialized_model_proto() for t in (first, member.tokenizer))
            if ours != theirs:
                raise MismatchError(
                    f"{folder}: its {side} pieces are not those of {folders[0]}; no ensemble of the two"
                )
    return StepTranslator(Ensemble([member.model for member in members]), first, batch_tokens)


def length_cap(source_pieces: int) -> int:
    """The most target pieces a source of that many pieces may grow to: no avalanche of repetitions."""
    return 2 * source_pieces + 10


def pad(rows: list[list[int]]) -> Tensor:
    """Pad rows of ids on the right, (B, L)."""
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
