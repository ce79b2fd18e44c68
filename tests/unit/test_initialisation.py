import dataclasses

import pytest
import torch

from seqline.compression.initialisation import from_teacher, spaced
from seqline.errors import StageError
from seqline.models.config import RecurrentConfig, TransformerConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.transformer import Transformer

TEACHER = TransformerConfig("transformer", 20, 24, 16, 4, 4, 4, (32,) * 4, (32,) * 3, "relu", 0.0, "target")
SOURCE, TARGET = torch.tensor([[5, 6, 3]]), torch.tensor([[2, 7, 8]])


def test_a_student_of_the_same_shape_is_its_teacher() -> None:
    teacher = Transformer(TEACHER).eval()
    student = from_teacher(teacher, TEACHER).eval()
    torch.testing.assert_close(student(SOURCE, TARGET), teacher(SOURCE, TARGET))


def test_a_shallow_student_takes_spaced_layers_and_keeps_its_tied_embedding() -> None:
    teacher = Transformer(TEACHER)
    student = from_teacher(teacher, dataclasses.replace(TEACHER, encoder_ffn=(32, 32), decoder_ffn=(32,)))
    ours, theirs = student.state_dict(), teacher.state_dict()
    for layer, origin in (("encoder.0", "encoder.0"), ("encoder.1", "encoder.3"), ("decoder.0", "decoder.0")):
        name = "ffn.up.weight"
        assert torch.equal(ours[f"{layer}.{name}"], theirs[f"{origin}.{name}"])
    assert student.output.weight is student.target_embedding.weight
    assert torch.equal(student.output.weight, teacher.output.weight)


def test_training_the_student_leaves_the_teacher_alone() -> None:
    teacher = Transformer(TEACHER)
    before = teacher.output.weight.clone()
    from_teacher(teacher, TEACHER).output.weight.data.zero_()
    assert torch.equal(teacher.output.weight, before)


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"), [(6, 1, [0]), (6, 2, [0, 5]), (6, 3, [0, 2, 5]), (4, 4, [0, 1, 2, 3])]
)
def test_layers_are_evenly_spaced(available: int, wanted: int, chosen: list[int]) -> None:
    assert spaced(available, wanted) == chosen


@pytest.mark.parametrize(
    ("change", "named"),
    [({"width": 32}, "width"), ({"encoder_ffn": (64,)}, "ffn"), ({"decoder_ffn": (32,) * 4}, "layers")],
)
def test_what_differs_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(StageError, match=named):
        from_teacher(Transformer(TEACHER), dataclasses.replace(TEACHER, **change))  # type: ignore[arg-type]


def test_a_recurrent_teacher_has_no_layers_to_give() -> None:
    teacher = RecurrentEncoderDecoder(RecurrentConfig("gru", 20, 24, 16, 1, 1, "dot", 0.0, "none"))
    with pytest.raises(StageError, match="a gru teacher has no layers to give"):
        from_teacher(teacher, TEACHER)
