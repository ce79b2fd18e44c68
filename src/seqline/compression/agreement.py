"""Does an exported model give the probabilities that torch gives?"""

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import torch

from seqline import models
from seqline.compression.export import pieces, score
from seqline.decoding import score as torch_score
from seqline.tokenization import Sequences, Tokenizer
from seqline.training.batching import collate

_PAIRS_PER_BATCH = 50
_MAX_PIECES = 200


def log_prob_error(model_folder: Path, bundle: Path, sources: Sequence[str], targets: Sequence[str]) -> float:
    """The largest |Δ log p| over all target pieces, EOS included, of the given pairs; NaN where either side has one.

    Of a long sentence the first 200 pieces count.
    """
    model, tokenizer = models.load(model_folder), Tokenizer.load(model_folder)
    translator = ctranslate2.Translator(str(bundle), intra_threads=torch.get_num_threads())
    source = Sequences.of(ids[:_MAX_PIECES] for ids in tokenizer.encode_source(sources))
    target = Sequences.of(ids[:_MAX_PIECES] for ids in tokenizer.encode_target(targets))
    source_pieces, target_pieces = pieces(tokenizer.source), pieces(tokenizer.target)
    differences = []
    for begin in range(0, len(source), _PAIRS_PER_BATCH):
        rows = range(begin, min(begin + _PAIRS_PER_BATCH, len(source)))
        batch = collate([source[row] for row in rows], [target[row] for row in rows])
        expected_BT = torch_score(model, batch.source_BS, batch.input_BT, batch.label_BT)
        found = score(
            translator,
            [[source_pieces[index] for index in source[row]] for row in rows],
            [[target_pieces[index] for index in target[row]] for row in rows],
        )
        for expected_T, log_probs in zip(expected_BT, found, strict=True):
            differences.append((expected_T[: len(log_probs)] - torch.tensor(log_probs)).abs())
    return torch.cat(differences).max().item()
