"""Validation by what counts: the score of translations really decoded."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqline.decoding import TorchTranslator
from seqline.evaluation.metrics import bleu, chrf
from seqline.models.base import EncoderDecoder
from seqline.tokenization import Tokenizer


@dataclass(frozen=True)
class DecodedScore:
    """chrF2 and BLEU of greedy translations of the first ``len(sources)`` dev pairs; shows ``samples`` of them.

    ``rounds``: with matrix products in bf16.
    """

    sources: Sequence[str]
    references: Sequence[str]
    tokenizer: Tokenizer
    language: str
    rounds: bool = False
    samples: int = 2

    def __call__(self, model: EncoderDecoder) -> Mapping[str, float]:
        """Decode with the model's present weights."""
        hypotheses = self._translated(model)
        figures = {
            "chrf": chrf(hypotheses, self.references).value,
            "bleu": bleu(hypotheses, self.references, self.language).value,
        }
        self._show(hypotheses, figures)
        return figures

    def _translated(self, model: EncoderDecoder) -> list[str]:
        device = next(model.parameters()).device
        try:
            # Decoding makes its ids on the CPU.
            translator = TorchTranslator(model.cpu(), self.tokenizer, rounds=self.rounds)
            found = translator.translate(self.sources, beam=1)
        finally:
            model.to(device)
        return [translations[0].text for translations in found]

    def _show(self, hypotheses: Sequence[str], figures: Mapping[str, float]) -> None:
        """Samples from the whole dev set, the same each time: how they change says more than a score."""
        step = max(1, len(hypotheses) // max(1, self.samples))
        lines = [f"chrF {figures['chrf']:.1f}, BLEU {figures['bleu']:.1f} on {len(hypotheses)} dev pairs"]
        for row in range(step // 2, len(hypotheses), step)[: self.samples]:
            lines.append(f"  {self.sources[row]}  →  {hypotheses[row]}")
        print("\n".join(lines), file=sys.stderr, flush=True)
