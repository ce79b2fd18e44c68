"""The deployable model: a folder that needs only ``ctranslate2`` and ``sentencepiece`` to translate.

    model.bin, config.json, *_vocabulary.json   the CTranslate2 model
    source.model, target.model                  the SentencePiece models
    seqline.json                                what the model is, and the limits it was made for
    vmap.txt                                    where there is a shortlist: the target pieces for each source piece
    *.gz                                        each of these, where the bundle is packed
    manifest.json                               the hash of every file, checked before anything is loaded

Lines of any content keep their count and order: an empty line gives an empty translation, a line longer than the
model was trained for is cut into segments, and a translation never holds a line break.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Self

import ctranslate2
import sentencepiece

from seqline.errors import ArtifactError, InputError, MismatchError
from seqline.files import read_json, verify, write_json
from seqline.serving.alignment import alignment, num_words
from seqline.serving.batching import BUCKET_PIECES, bucket, in_turn, spread_over
from seqline.serving.options import NOT_HERE, ctranslate2_options
from seqline.serving.packing import unpacked
from seqline.serving.pieces import sentencepiece_model
from seqline.serving.segments import WORD_START, Hypothesis, Segment, composed, segmented
from seqline.types import Demand, Search, Translation

DESCRIPTION = "seqline.json"
SHORTLIST = "vmap.txt"
IMPOSSIBLE = -1000.0
"""The lowest score: of a hypothesis whose probability is 0, for which CTranslate2 gives −10³⁸ or −∞."""
_NEVER_WRITTEN = [["<pad>"], ["<s>"]]


@dataclass(frozen=True)
class Description:
    """What a bundle is.

    ``max_pieces`` is the longest source segment given to the model. A hypothesis is cut off at
    ``length_ratio`` × source pieces + ``length_constant`` pieces.
    """

    name: str
    source: str
    target: str
    max_pieces: int
    length_ratio: float
    length_constant: int
    kind: str = "ctranslate2"

    def write(self, folder: Path) -> None:
        """Write ``seqline.json``."""
        write_json(folder / DESCRIPTION, vars(self))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``seqline.json``.

        Raises:
            ArtifactError: a field is missing, unknown or of the wrong type.
        """
        content = read_json(folder / DESCRIPTION)
        types = {name: field.type for name, field in cls.__dataclass_fields__.items()}
        if not isinstance(content, dict) or {key: type(value) for key, value in content.items()} != types:
            raise ArtifactError(f"{folder / DESCRIPTION}: not the description of a bundle; run `quantize` again")
        return cls(**content)

    def max_hypothesis(self, num_source_pieces: int) -> int:
        """The most pieces a hypothesis may have."""
        return int(self.length_ratio * num_source_pieces) + self.length_constant

    @property
    def num_positions(self) -> int:
        """How many pieces of a side, EOS counted, the model has positions for: those of its longest hypothesis."""
        return self.max_hypothesis(self.max_pieces + BUCKET_PIECES) + 1


class Bundle:
    """An opened bundle; implements :class:`seqline.types.Searcher`. Safe to call from several threads."""

    def __init__(
        self,
        description: Description,
        translator: ctranslate2.Translator,
        source: sentencepiece.SentencePieceProcessor,
        target: sentencepiece.SentencePieceProcessor,
        batch_tokens: int,
        *,
        has_shortlist: bool,
    ) -> None:
        self.description = description
        self._translator = translator
        self._source = source
        self._target = target
        self._source_pieces = [source.id_to_piece(index) for index in range(source.get_piece_size())]
        self._target_ids = {target.id_to_piece(index): index for index in range(target.get_piece_size())}
        self._batch_tokens = batch_tokens
        self._has_shortlist = has_shortlist
        self._lock, self._num_calls = Lock(), 0
        self._separator = " " if target.encode("a", out_type=str)[0].startswith(WORD_START) else ""

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1, batch_tokens: int = 2048, device: str = "cpu") -> Self:
        """Check a bundle against its manifest, then load it.

        Args:
            folder: the bundle.
            threads: cores to use: so many batches are translated at once, each by one core. A few lines are divided
                among them.
            batch_tokens: rows × longest source of a batch, a row per hypothesis: ``beam`` rows a sentence. With
                2048 a small model's activations stay in cache; four times that was a third slower.
            device: ``cpu`` or ``cuda``; weights of a type that it does not compute in are converted.

        Raises:
            MissingError: there is no finished bundle in the folder.
            ArtifactError: a file is absent, damaged, or does not fit the others.
        """
        names = verify(folder)["files"]
        contents = unpacked(folder, names)
        for name in ("model.bin", "source.model", "target.model", DESCRIPTION):
            if name not in (contents or names):
                raise ArtifactError(f"{folder}: not a deployable bundle (no {name}); give the output of `quantize`")
        description = Description.read(folder)
        source, target = (sentencepiece_model(folder, side, contents) for side in ("source", "target"))
        try:
            translator = ctranslate2.Translator(
                str(folder), device=device, inter_threads=threads, intra_threads=1, files=contents or None
            )
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().split("\n")[0]
            raise ArtifactError(f"{folder}: CTranslate2 cannot load the model ({reason})") from None
        return cls(
            description, translator, source, target, batch_tokens, has_shortlist=SHORTLIST in (contents or names)
        )

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """At most ``nbest`` translations per line, best first; lists in the order of the lines.

        The score is the log-probability divided by the length in pieces, EOS counted. A line without content has
        the one translation "" with score 0.
        """
        return self.search(lines, Search(beam=max(beam, nbest), nbest=nbest))

    def search(
        self,
        lines: Sequence[str],
        search: Search,
        demands: Sequence[Demand] = (),
        *,
        align: bool = False,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> list[list[Translation]]:
        """The same with CTranslate2's own options; ``is_wanted`` is asked after every batch.

        ``demands`` are per line, or none; of a line that is cut they concern the first part. What is sampled cannot be
        repeated: CTranslate2 draws in several threads. A prefix may hold any piece, so a shortlist is left aside then.

        Raises:
            InputError: CTranslate2 has no such option.
            CancelledError: the translations are not wanted any more.
        """
        options = ctranslate2_options(search)
        if any(demand.phrases for demand in demands):
            raise InputError(NOT_HERE.format("phrases that must occur"))
        segments = segmented(lines, self._pieces, self.description.max_pieces)
        prefixes = [
            self._target.encode(demands[segment.line].prefix, out_type=str) if demands and segment.is_first else []
            for segment in segments
        ]
        found = self._decode(segments, prefixes, options, is_wanted, align=align)
        return composed(len(lines), segments, found, self._separator)

    def score(self, sources: Sequence[str], targets: Sequence[str], *, first_line: int = 1) -> list[list[float]]:
        """Log-probabilities of each target's pieces and of its end, in the order of the pairs; lines are not cut.

        Raises:
            MismatchError: the counts differ.
            InputError: a line is too long for the model; lines are counted from ``first_line``.
        """
        if len(sources) != len(targets):
            raise MismatchError(
                f"{len(sources)} source lines but {len(targets)} target lines: they must be line by line"
            )
        pairs = [self._pieces(source) for source in sources], [self._target.encode(t, out_type=str) for t in targets]
        try:
            scored = self._translator.score_batch(*pairs, max_input_length=0, max_batch_size=32)
        except RuntimeError:
            self._blame_the_length([max(map(len, pair)) for pair in zip(*pairs, strict=True)], first_line)
            raise
        return [list(result.log_probs) for result in scored]

    def count_pieces(self, lines: Sequence[str]) -> list[tuple[int, int]]:
        """Of each line, its source pieces, and those that spell out, as bytes, what the vocabulary does not hold."""
        is_byte = self._source.is_byte
        return [(len(ids), sum(map(is_byte, ids))) for ids in self._source.encode(list(lines))]

    def _blame_the_length(self, lengths: Sequence[int], first_line: int) -> None:
        """Name the first line that is too long, where one is."""
        most = self.description.num_positions - 1
        for line, length in enumerate(lengths, start=first_line):
            if length > most:
                raise InputError(
                    f"line {line}: {length:,} pieces, and the model scores {most:,} at most; "
                    "shorten the pair or drop it"
                )

    def _pieces(self, text: str) -> list[str]:
        return [self._source_pieces[index] for index in self._source.encode(text)]

    def _decode(
        self,
        segments: Sequence[Segment],
        prefixes: Sequence[list[str]],
        options: dict[str, Any],
        is_wanted: Callable[[], bool],
        *,
        align: bool,
    ) -> list[list[Hypothesis]]:
        """Hypotheses per segment, in the order of the segments."""
        lengths = [len(segment.pieces) for segment in segments]
        rows = max(options["beam_size"], options["num_hypotheses"])

        def submit(batch: list[int]) -> Any:
            longest = bucket(len(segments[batch[-1]].pieces))
            return self._translator.translate_batch(
                [segments[index].pieces for index in batch],
                target_prefix=[prefixes[index] for index in batch] if any(prefixes) else None,
                max_decoding_length=self.description.max_hypothesis(longest) + max(len(prefixes[i]) for i in batch),
                max_input_length=0,
                disable_unk=True,
                suppress_sequences=_NEVER_WRITTEN,
                return_scores=True,
                return_attention=align,
                use_vmap=self._has_shortlist and not any(prefixes),
                asynchronous=True,
                **options,
            )

        decoded: list[list[Hypothesis]] = [[] for _ in segments]
        with self._workers() as workers:
            parts = spread_over(workers, lengths, self._batch_tokens // rows)
            longest_first = reversed(parts)  # so that no core works alone on a long batch at the end
            for batch, results in in_turn(longest_first, submit, 4 * self._translator.num_translators):
                if not is_wanted():
                    raise CancelledError
                for index, result in zip(batch, results, strict=True):
                    decoded[index] = self._hypotheses(segments[index].pieces, result)
        return decoded

    @contextmanager
    def _workers(self) -> Iterator[int]:
        """A call's share of the workers. Who calls alone has them all, so his batches are the same every time."""
        with self._lock:
            self._num_calls += 1
            share = max(1, self._translator.num_translators // self._num_calls)
        try:
            yield share
        finally:
            with self._lock:
                self._num_calls -= 1

    def _hypotheses(self, source: list[str], result: Any) -> list[Hypothesis]:
        attention = result.attention or [[]] * len(result.hypotheses)
        return [
            Hypothesis(
                self._target.decode([self._target_ids[piece] for piece in pieces]),
                score if score > IMPOSSIBLE else IMPOSSIBLE,  # also where it is no number
                len(pieces) + 1,
                alignment(weights, source, pieces) if weights else (),
                (num_words(source), num_words(pieces)) if weights else (0, 0),
            )
            for pieces, score, weights in zip(result.hypotheses, result.scores, attention, strict=True)
        ]
