"""Hugging Face transformers: ``MarianMTModel`` from a configuration, in a loop of our own.

Written as one who knows the library would for a CPU: encoded once, batches of pairs of like length, fused AdamW, the
loss of ``F.cross_entropy`` with label smoothing, and scaled dot product attention. Marian is post-norm.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import MarianConfig, MarianMTModel

from peers import adapter
from peers.adapter import Translate
from peers.meter import Meter
from peers.task import SOURCE, TARGET, Task

PAD, UNK, EOS = 0, 1, 3
SPECIAL = 4
Pair = tuple[list[int], list[int]]


def fit(task: Task, meter: Meter) -> None:
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.recipe.seed)
    recipe, model = task.recipe, MarianMTModel(configuration(task))
    model.train()
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda update: _rate(update + 1, task))
    for update, (source_BS, label_BT) in enumerate(_batches(_pairs(task), task), start=1):
        _update(model, optimiser, source_BS, label_BT, recipe.label_smoothing)
        schedule.step()
        meter.count(int((label_BT != PAD).sum()))
        if recipe.save_every and update % recipe.save_every == 0:
            model.save_pretrained(Path(task.folder) / f"model.{update}")
        if update == recipe.updates:
            break
    if recipe.averaged > 1:
        _load_mean(model, task)
    model.save_pretrained(Path(task.folder) / "model")


def _load_mean(model: MarianMTModel, task: Task) -> None:
    """The mean of the last checkpoints."""
    recipe = task.recipe
    last = [
        recipe.updates // recipe.save_every * recipe.save_every - i * recipe.save_every for i in range(recipe.averaged)
    ]
    states = [MarianMTModel.from_pretrained(Path(task.folder) / f"model.{update}").state_dict() for update in last]
    model.load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})


def configuration(task: Task) -> MarianConfig:
    shape = task.shape
    return MarianConfig(
        vocab_size=SPECIAL + len(task.pieces),
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.ffn,
        decoder_ffn_dim=shape.ffn,
        activation_function="relu",
        dropout=shape.dropout,
        attention_dropout=shape.dropout,
        activation_dropout=shape.dropout,
        scale_embedding=True,
        pad_token_id=PAD,
        eos_token_id=EOS,
        bos_token_id=None,
        decoder_start_token_id=PAD,
        forced_eos_token_id=None,
        max_position_embeddings=512,
        attn_implementation="sdpa",
    )


def _update(
    model: MarianMTModel,
    optimiser: torch.optim.Optimizer,
    source_BS: torch.Tensor,
    label_BT: torch.Tensor,
    smoothing: float,
) -> None:
    input_BT = F.pad(label_BT[:, :-1], (1, 0), value=PAD)
    logits_BTV = model(
        input_ids=source_BS, attention_mask=source_BS != PAD, decoder_input_ids=input_BT, use_cache=False
    ).logits
    loss = F.cross_entropy(logits_BTV.flatten(0, 1), label_BT.flatten(), ignore_index=PAD, label_smoothing=smoothing)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def _rate(update: int, task: Task) -> float:
    """Linear warm-up, then linearly to nothing; where there is no end, it stays."""
    recipe = task.recipe
    left = (recipe.updates - update + 1) / max(recipe.updates - recipe.warmup_updates, 1) if recipe.updates else 1.0
    return min(update / max(recipe.warmup_updates, 1), left, 1.0)


def _pairs(task: Task) -> list[Pair]:
    ids = {piece: SPECIAL + number for number, piece in enumerate(task.pieces)}
    sides = [
        [[ids.get(piece, UNK) for piece in line.split(" ")] + [EOS] for line in task.lines("train", language)]
        for language in (SOURCE, TARGET)
    ]
    return list(zip(*sides, strict=True))


def _batches(pairs: list[Pair], task: Task) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless epochs; pairs sorted by length with ties by lot, batches within the token budget, in random order."""
    generator = torch.Generator().manual_seed(task.recipe.seed)
    while True:
        lot = torch.rand(len(pairs), generator=generator).tolist()
        order = sorted(range(len(pairs)), key=lambda row: (len(pairs[row][1]), len(pairs[row][0]), lot[row]))
        batches, batch = [], list[Pair]()
        for row in order:
            longest = max(map(len, pairs[row]))
            if batch and longest * (len(batch) + 1) > task.recipe.batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(pairs[row])
        batches.append(batch)
        for number in torch.randperm(len(batches), generator=generator).tolist():
            yield _padded([pair[0] for pair in batches[number]]), _padded([pair[1] for pair in batches[number]])


def _padded(rows: list[list[int]]) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PAD)


def translator(task: Task) -> Translate:
    """``generate`` on batches of lines of like length."""
    torch.set_num_threads(task.threads)
    model = MarianMTModel.from_pretrained(Path(task.folder) / "model", attn_implementation="sdpa").eval()
    pieces = ["", "", "", "", *task.pieces]
    ids = {piece: number for number, piece in enumerate(pieces) if piece}

    @torch.inference_mode()
    def translate(lines: list[str], batch_sentences: int) -> list[str]:
        rows = [[ids.get(piece, UNK) for piece in line.split(" ")] + [EOS] for line in lines]
        order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
        found: dict[int, str] = {}
        for begin in range(0, len(order), batch_sentences):
            some = order[begin : begin + batch_sentences]
            source_BS = _padded([rows[row] for row in some])
            limit = 2 * source_BS.shape[1] + 10
            output_BT = model.generate(
                input_ids=source_BS,
                attention_mask=(source_BS != PAD).long(),
                num_beams=task.beam,
                max_new_tokens=limit,
                do_sample=False,
            )
            for row, output in zip(some, output_BT.tolist(), strict=True):
                found[row] = " ".join(pieces[i] for i in output if i >= SPECIAL)
        return [found[row] for row in range(len(lines))]

    return translate


if __name__ == "__main__":
    adapter.main(fit, translator)
