"""Slots of keys and values: a value on the outside, written in place on the inside."""

import torch
from torch import Tensor

from seqline.models.cache import Slots


def some(seed: int, num: int = 2) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(seed)
    keys, values = torch.randn(2, 3, 2, num, 4, generator=random)
    return keys, values


def test_what_was_appended_is_there_in_order_however_often_the_room_grew() -> None:
    parts = [some(seed) for seed in range(100)]
    slots = Slots.of(*parts[0])
    for part in parts[1:]:
        slots = slots.extended(*part)
    assert torch.equal(slots.keys, torch.cat([keys for keys, _ in parts], dim=2))
    assert torch.equal(slots.values, torch.cat([values for _, values in parts], dim=2))


def test_appending_writes_in_place() -> None:
    slots = Slots.of(*some(1))
    assert slots.extended(*some(2)).keys.data_ptr() == slots.keys.data_ptr()


def test_two_futures_of_one_past_do_not_disturb_each_other() -> None:
    past = Slots.of(*some(1))
    first = past.extended(*some(2))
    second = past.extended(*some(3))
    assert torch.equal(past.keys, some(1)[0])
    assert torch.equal(first.keys[:, :, 2:], some(2)[0])
    assert torch.equal(second.keys[:, :, 2:], some(3)[0])


def test_selected_sentences_go_on_by_themselves() -> None:
    whole = Slots.of(*some(1)).extended(*some(2))
    part = whole.select(torch.tensor([2, 0]))
    assert torch.equal(part.keys, whole.keys[[2, 0]])
    keys, values = some(3)
    grown = part.extended(keys[:2], values[:2])
    assert torch.equal(grown.values[:, :, 4:], values[:2])
    assert torch.equal(whole.values, torch.cat((some(1)[1], some(2)[1]), dim=2))
