"""One line before training: on what, what, and from what."""

import torch

from seqline.models.base import EncoderDecoder, num_parameters
from seqline.params.modelling import Optimisation
from seqline.training.batching import padding_share
from seqline.training.data import TrainingData
from seqline.training.machine import Machine
from seqline.training.peers import Peers


def briefing(
    model: EncoderDecoder, data: TrainingData, settings: Optimisation, seed: int, machine: Machine, peers: Peers
) -> str:
    """Device, precision, threads, parameters, data with its share of padding, updates."""
    pool = data.pool(settings.batch_tokens, seed, 0, 0, settings.subword_sampling, model.config.max_positions)
    padding = padding_share(pool.source, pool.target, pool.batches)
    num_batches = round(len(pool.batches) * len(data) / len(pool.source))  # the first pool stands for all
    epochs = settings.max_updates * settings.accumulate * peers.count / num_batches
    parts = (
        f"{machine.device.type}, {machine.precision}, {_count(torch.get_num_threads(), 'thread')}"
        + (f" in each of {peers.count} processes" if peers.count > 1 else ""),
        f"{num_parameters(model) / 1e6:.2f} M parameters, {settings.optimiser}",
        f"{len(data):,} pairs in {_count(num_batches, 'batch', 'batches')} of ≤ {settings.batch_tokens:,} pieces, "
        f"{padding:.1%} of them padding",
        f"{settings.max_updates:,} updates, {epochs:.1f} epochs",
    )
    return "; ".join(parts)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
