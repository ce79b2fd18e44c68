"""A model that translates lines, whatever the lines hold, by searching over its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from seqline.decoding import hypothesis as decoded
from seqline.decoding.cores import Work, each_batch
from seqline.decoding.hypothesis import Required
from seqline.decoding.lengths import MAX_SEGMENT_PIECES, length_cap, require_fit
from seqline.decoding.padding import pad
from seqline.decoding.scoring import score_by_steps
from seqline.decoding.search import search as search_pieces
from seqline.errors import InputError, MismatchError
from seqline.models.base import StepModel
from seqline.serving.alignment import alignment, num_words
from seqline.serving.segments import Hypothesis, Segment, composed, segmented
from seqline.special import BOS, EOS
from seqline.tokenization import Tokenizer
from seqline.types import Demand, Search, Translation


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

    def score(self, sources: Sequence[str], targets: Sequence[str], *, first_line: int = 1) -> list[list[float]]:
        """Log-probabilities of each target's pieces and of its end, in the order of the pairs.

        Lines are not cut here. ``first_line`` is the number of the first pair, to call one by that is too long.

        Raises:
            MismatchError: the counts differ.
            InputError: a line has more pieces than the model has positions.
        """
        if len(sources) != len(targets):
            raise MismatchError(
                f"{len(sources)} source lines but {len(targets)} target lines: they must be line by line"
            )
        source_ids, target_ids = self.tokenizer.encode_source(sources), self.tokenizer.encode_target(targets)
        lengths = [max(len(s), len(t)) + 1 for s, t in zip(source_ids, target_ids, strict=True)]
        require_fit(lengths, self.model, first_line)
        found: list[list[float]] = [[] for _ in sources]

        def score(rows: Sequence[int]) -> None:
            source_BS = pad([[*source_ids[row], EOS] for row in rows])
            input_BT, label_BT = (
                pad([[*begin, *target_ids[row], *end] for row in rows]) for begin, end in (([BOS], []), ([], [EOS]))
            )
            for row, scores in zip(rows, self._score(source_BS, input_BT, label_BT).tolist(), strict=True):
                found[row] = scores[: len(target_ids[row]) + 1]

        self._each_batch(lengths, 1, score)
        return found

    def _each_batch(self, lengths: Sequence[int], width: int, work: Work) -> None:
        each_batch(lengths, self.batch_tokens, width, work)

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
