"""Subword regularisation: another segmentation of every text each time (Kudo 2018), a function of the seed.

A unigram model gives a segmentation the product of its pieces' probabilities. Segmentations are drawn from that
distribution, raised to a power, by filtering forwards and sampling backwards over the lattice of all pieces that match,
for thousands of texts in step. SentencePiece can draw too, but since 0.2.3 not twice the same: its generator is salted
anew in every process, so a training that was killed could not end with the weights of one that was not.

Legend: S texts, L characters of the longest one, M characters of the longest piece.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from seqline.tokenization.sequences import Sequences

Ints = NDArray[np.int64]
Pieces = NDArray[np.int32]
Floats = NDArray[np.float32]
_SPACE: Final = "▁"
_CHARACTER_BITS: Final = 21
_CHUNK_ROWS: Final = 1 << 14
_CHUNK_CHARACTERS: Final = 1 << 16
_UNKNOWN, _NONE = np.int32(-1), np.int32(-2)
_UNKNOWN_PENALTY: Final = 10.0
"""How much less likely than the least likely piece a character without a piece is, in nats, as in SentencePiece."""


@dataclass(frozen=True)
class Sampler:
    """The pieces of one SentencePiece unigram model as a trie, walked from many places of many texts at once.

    ``keys`` are the sorted (node, character) pairs that lead to a node, whose number is one more than the key's place;
    ``pieces`` is the piece that ends at each node, -1 where none does. Node 0 is the root.
    """

    processor: sentencepiece.SentencePieceProcessor
    keys: Ints
    pieces: Pieces
    scores: Floats
    longest: int

    @classmethod
    def of(cls, processor: sentencepiece.SentencePieceProcessor) -> Self:
        """Read the pieces that stand for text; control, unknown and byte pieces do not."""
        texts = {
            processor.id_to_piece(i): i
            for i in range(processor.get_piece_size())
            if not (processor.is_control(i) or processor.is_unknown(i) or processor.is_byte(i))
        }
        scores = np.array([processor.get_score(i) for i in range(processor.get_piece_size())], dtype=np.float32)
        unknown = scores[list(texts.values())].min() - _UNKNOWN_PENALTY
        keys, pieces = _trie(texts)
        # The last two are found at the indices _NONE and _UNKNOWN.
        return cls(processor, keys, pieces, np.append(scores, [0, unknown]), max(map(len, texts)))

    def resample(self, rows: Sequences, alpha: float, seed: Sequence[int], longest: int) -> Sequences:
        """Cut rows of ids anew; where more than ``longest`` pieces come out, the row keeps those that it has."""

        def part(begin: int) -> Sequences:
            ids = [rows[row].tolist() for row in range(begin, min(begin + _CHUNK_ROWS, len(rows)))]
            found = self.sample(self.processor.decode(ids), alpha, (*seed, begin))
            if not (found.lengths > longest).any():
                return found
            return Sequences.of(ids[row] if size > longest else found[row] for row, size in enumerate(found.lengths))

        return Sequences.joined(map(part, range(0, len(rows), _CHUNK_ROWS)))

    def sample(self, texts: Sequence[str], alpha: float, seed: Sequence[int]) -> Sequences:
        """One segmentation of each text, drawn with a probability in proportion to P(segmentation)^alpha, as ids."""
        found: list[list[int]] = [[] for _ in texts]
        draw = np.random.default_rng(seed)
        prefix = _SPACE if self.processor.encode("a", out_type=str)[0].startswith(_SPACE) else ""
        plain = [prefix + text.replace(" ", _SPACE) if text else "" for text in texts]
        for rows in _chunks(plain):
            for row, ids in zip(rows, self._sampled([plain[row] for row in rows], alpha, draw), strict=True):
                found[row] = ids
        return Sequences.of(found)

    def _sampled(self, texts: list[str], alpha: float, draw: np.random.Generator) -> list[list[int]]:
        lengths = np.array([len(text) for text in texts])
        pieces_SLM = self._matches(texts, lengths)
        weights_SLM = np.where(pieces_SLM == _NONE, -np.inf, alpha * self.scores[pieces_SLM])
        pieces, sizes = _walk_back(pieces_SLM, _shares(weights_SLM), lengths, draw)
        return [self._ids(text, pieces[:, row], sizes[:, row]) for row, text in enumerate(texts)]

    def _matches(self, texts: list[str], lengths: Ints) -> Pieces:
        """The piece that ends before character l + 1 and is m + 1 characters long, or none."""
        length = int(lengths.max()) + 1  # and a column in which no piece goes on
        padded = "".join(text.ljust(length, "\0") for text in texts) + "\0" * self.longest
        codes = np.frombuffer(padded.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        found = np.full((len(texts) * length, self.longest), _NONE)
        found[:, 0] = _UNKNOWN
        begins, nodes = np.arange(len(found)), np.zeros(len(found), dtype=np.int64)
        for size in range(1, self.longest + 1):
            reached = self._step(nodes, codes[begins + size - 1])
            begins, nodes = begins[reached > 0], reached[reached > 0]
            ends = self.pieces[nodes] >= 0
            found[begins[ends] + size - 1, size - 1] = self.pieces[nodes[ends]]
        return found.reshape(len(texts), length, self.longest)[:, :-1]

    def _step(self, nodes: Ints, codes: Ints) -> Ints:
        """The nodes that characters lead to; 0 where there is none."""
        wanted = (nodes << _CHARACTER_BITS) | codes
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, place + 1, 0)

    def _ids(self, text: str, pieces: Pieces, sizes: Pieces) -> list[int]:
        """The pieces from the last to the first, turned round; the bytes of a character that is no piece."""
        ids: list[int] = []
        begin = 0
        for piece, size in zip(pieces[::-1].tolist(), sizes[::-1].tolist(), strict=True):
            if piece >= 0:
                ids.append(piece)
            elif size:
                ids += (self.processor.piece_to_id(f"<0x{byte:02X}>") for byte in text[begin].encode())
            begin += size
        return ids


def _trie(texts: dict[str, int]) -> tuple[Ints, Pieces]:
    """The keys and pieces of a :class:`Sampler`."""
    prefixes = {text[:size] for text in texts for size in range(1, len(text) + 1)}
    # Shorter ones first, then by character code: so a node's number, and with it the keys of its children, rise.
    order = sorted(prefixes, key=lambda prefix: (len(prefix), prefix))
    nodes = {"": 0} | {prefix: place + 1 for place, prefix in enumerate(order)}
    keys = [nodes[prefix[:-1]] << _CHARACTER_BITS | ord(prefix[-1]) for prefix in order]
    pieces = [-1, *(texts.get(prefix, -1) for prefix in order)]
    return np.array(keys, dtype=np.int64), np.array(pieces, dtype=np.int32)


def _chunks(texts: Sequence[str]) -> Iterator[Ints]:
    """Rows of about equal length, as many as have some number of characters together; empty texts are left out."""
    lengths = np.array([len(text) for text in texts])
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    begin = 0
    while begin < len(order):
        size = max(1, _CHUNK_CHARACTERS // max(1, int(lengths[order[min(begin + 1024, len(order) - 1)]])))
        yield order[begin : begin + size]
        begin += size


def _shares(weights_SLM: Floats) -> Floats:
    """The probability that the last piece of each prefix is m + 1 characters long, summed up over m."""
    num, length, longest = weights_SLM.shape
    forward_SL = np.full((num, length + 1), -np.inf, dtype=np.float32)
    forward_SL[:, 0] = 0.0
    for end in range(1, length + 1):
        sizes = min(longest, end)
        # Column m is the prefix that is m + 1 characters shorter.
        paths_SM = forward_SL[:, end - sizes : end][:, ::-1] + weights_SLM[:, end - 1, :sizes]
        best_S = paths_SM.max(axis=1, keepdims=True)
        sums_SM = np.cumsum(np.exp(paths_SM - best_S), axis=1)
        forward_SL[:, end] = (best_S + np.log(sums_SM[:, -1:]))[:, 0]
        weights_SLM[:, end - 1, :sizes] = sums_SM / sums_SM[:, -1:]
        weights_SLM[:, end - 1, sizes:] = 1.0
    return weights_SLM


def _walk_back(
    pieces_SLM: Pieces, shares_SLM: Floats, lengths: Ints, draw: np.random.Generator
) -> tuple[Pieces, Pieces]:
    """From the end of every text to its beginning: the piece and its size at each step, 0 long where a text is done."""
    ends, pieces, sizes = lengths.copy(), [], []
    while (active := np.flatnonzero(ends)).size:
        at = ends[active] - 1
        chosen = (shares_SLM[active, at] <= draw.random(active.size, dtype=np.float32)[:, None]).sum(axis=1)
        piece, size = np.full(len(lengths), _NONE), np.zeros(len(lengths), dtype=np.int32)
        piece[active], size[active] = pieces_SLM[active, at, chosen], chosen + 1
        ends -= size
        pieces.append(piece)
        sizes.append(size)
    return np.array(pieces), np.array(sizes)
