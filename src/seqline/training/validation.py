"""Validation by what counts: the score of translations really decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqline.decoding import TorchTranslator
from seqline.evaluation.metrics import bleu, chrf
from seqline.models.base import EncoderDecoder
from seqline.tokenization import Tokenizer


@dataclass(frozen=True)
class DecodedScore:
    """chrF2 and BLEU of greedy translations of the first ``len(sources)`` dev pairs."""

    sources: Sequence[str]
    references: Sequence[str]
    tokenizer: Tokenizer
    language: str

    def __call__(self, model: EncoderDecoder) -> Mapping[str, float]:
        """Decode with the model's present weights."""
        found = TorchTranslator(model, self.tokenizer).translate(self.sources, beam=1)
        hypotheses = [translations[0].text for translations in found]
        return {
            "chrf": chrf(hypotheses, self.references).value,
            "bleu": bleu(hypotheses, self.references, self.language).value,
        }
