"""Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2).

Legend: B rows, S source length, T target length, D model width, H heads, K head width;
in ``step``: B sentences, K rows of each, M slots (cache.py), W head width.
Projections are fused: one product makes query, key and value, so a small model spends its time in fewer, larger
matrix products. The layout [query, key, value] is also the one CTranslate2 loads. Dropout of attention weights is off
unless asked for: torch has no fused kernel for it on a CPU.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from seqline.models.cache import Slots
from seqline.models.positions import rotated
from seqline.models.products import Linear

KeysValues = tuple[Tensor, Tensor]
"""Of one attention: (B, H, T, K) each."""


class SelfAttention(nn.Module):
    """Attention of a sequence over itself."""

    def __init__(self, width: int, num_heads: int, head_width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.num_heads, self.dropout = num_heads, dropout
        self.qkv = Linear(width, 3 * num_heads * head_width)
        self.out = Linear(num_heads * head_width, width)

    def forward(self, x_BTD: Tensor, mask_B11T: Tensor | None, rotations_2TK: Tensor | None, *, causal: bool) -> Tensor:
        """Attend over the whole sequence; ``causal`` hides later positions, ``mask`` is true where one may look."""
        q_BHTK, k_BHTK, v_BHTK = self._project(x_BTD, rotations_2TK)
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q_BHTK, k_BHTK, v_BHTK, mask_B11T, rate, is_causal=causal)
        mixed_BTD: Tensor = self.out(merge_heads(mixed))
        return mixed_BTD

    def step(
        self, x_BKD: Tensor, past: Slots | None, mask_BKM: Tensor | None, rotations_21W: Tensor | None
    ) -> tuple[Tensor, Slots]:
        """Attend from one new position of each of K rows over ``past`` and itself; returns the past grown by it.

        The mask is added to the scores of past and new slots: it hides from a row what its neighbours wrote.
        """
        q_BHKW, k_BHKW, v_BHKW = self._project(x_BKD, rotations_21W)
        past = Slots.of(k_BHKW, v_BHKW) if past is None else past.extended(k_BHKW, v_BHKW)
        mask_B1KM = None if mask_BKM is None else mask_BKM[:, None]
        mixed = F.scaled_dot_product_attention(q_BHKW, past.keys, past.values, mask_B1KM)
        return self.out(merge_heads(mixed)), past

    def _project(self, x_BTD: Tensor, rotations_2TK: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        q_BHTK, k_BHTK, v_BHTK = (split_heads(part, self.num_heads) for part in self.qkv(x_BTD).chunk(3, dim=-1))
        if rotations_2TK is None:
            return q_BHTK, k_BHTK, v_BHTK
        return rotated(q_BHTK, rotations_2TK), rotated(k_BHTK, rotations_2TK), v_BHTK


class CrossAttention(nn.Module):
    """Attention of target positions over the encoded source."""

    def __init__(self, width: int, num_heads: int, head_width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.num_heads, self.dropout = num_heads, dropout
        self.q = Linear(width, num_heads * head_width)
        self.kv = Linear(width, 2 * num_heads * head_width)
        self.out = Linear(num_heads * head_width, width)

    def project(self, memory_BSD: Tensor) -> KeysValues:
        """Keys and values of the source, (B, H, S, K) each: computed once per sentence."""
        k_BSE, v_BSE = self.kv(memory_BSD).chunk(2, dim=-1)
        return split_heads(k_BSE, self.num_heads), split_heads(v_BSE, self.num_heads)

    def forward(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        """Attend over projected source keys and values; the mask is true at real pieces."""
        q_BHTK = split_heads(self.q(x_BTD), self.num_heads)
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q_BHTK, *source, attn_mask=mask_B11S, dropout_p=rate)
        mixed_BTD: Tensor = self.out(merge_heads(mixed))
        return mixed_BTD

    def weights(self, x_BTD: Tensor, source: KeysValues, mask_B11S: Tensor | None) -> Tensor:
        """Attention averaged over the heads, (B, T, S): what an attention picture shows."""
        q_BHTK = split_heads(self.q(x_BTD), self.num_heads)
        scores_BHTS = q_BHTK @ source[0].transpose(-1, -2) / q_BHTK.size(-1) ** 0.5
        if mask_B11S is not None:
            scores_BHTS = scores_BHTS.masked_fill(~mask_B11S, float("-inf"))
        weights_BTS: Tensor = scores_BHTS.softmax(dim=-1).mean(dim=1)
        return weights_BTS


def split_heads(x_BTE: Tensor, num_heads: int) -> Tensor:
    """(B, T, H·K) → (B, H, T, K)."""
    num_rows, length, _ = x_BTE.shape
    return x_BTE.view(num_rows, length, num_heads, -1).transpose(1, 2)


def merge_heads(x_BHTK: Tensor) -> Tensor:
    """(B, H, T, K) → (B, T, H·K)."""
    return x_BHTK.transpose(1, 2).flatten(2)
