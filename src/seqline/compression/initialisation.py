"""A student that starts as a part of its teacher: "shrink and fine-tune" (Shleifer & Rush 2020)."""

import dataclasses

from seqline.compression.layers import with_layers
from seqline.errors import StageError
from seqline.models.base import EncoderDecoder
from seqline.models.config import TransformerConfig
from seqline.models.transformer import Transformer


def from_teacher(teacher: EncoderDecoder, config: TransformerConfig) -> Transformer:
    """A student with its teacher's embeddings and norms, and evenly spaced ones of its layers.

    A stack of one layer takes the first, which reads what the embeddings write.

    Raises:
        StageError: the two differ in more than their numbers of layers and their dropout.
    """
    if not isinstance(teacher, Transformer):
        raise StageError(f"distill.initialise: a {teacher.config.kind} teacher has no layers to give; say `random`")
    _check(teacher.config, config)
    stacks = ((teacher.encoder, config.encoder_ffn), (teacher.decoder, config.decoder_ffn))
    encoder, decoder = (spaced(len(available), len(wanted)) for available, wanted in stacks)
    return with_layers(teacher, encoder, decoder, config)


def spaced(available: int, wanted: int) -> list[int]:
    """``wanted`` of the numbers 0 … available − 1, the first and the last among them, as evenly as can be.

    >>> spaced(6, 3), spaced(6, 1)
    ([0, 2, 5], [0])
    """
    if wanted == 1:
        return [0]
    return [number * (available - 1) // (wanted - 1) for number in range(wanted)]


def _check(teacher: TransformerConfig, student: TransformerConfig) -> None:
    free = {"encoder_ffn", "decoder_ffn", "max_positions"}
    theirs, ours = dataclasses.asdict(teacher), dataclasses.asdict(student)
    differing = [name for name in ours if name not in free and "dropout" not in name and ours[name] != theirs[name]]
    if set(student.encoder_ffn + student.decoder_ffn) != set(teacher.encoder_ffn + teacher.decoder_ffn):
        differing.append("ffn")
    if len(student.encoder_ffn) > len(teacher.encoder_ffn) or len(student.decoder_ffn) > len(teacher.decoder_ffn):
        differing.append("layers (the student has more)")
    if differing:
        raise StageError(
            f"distill.initialise: teacher and student differ in {', '.join(differing)}; make them equal or say `random`"
        )
