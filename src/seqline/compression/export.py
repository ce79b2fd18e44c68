"""Export of a Transformer to CTranslate2, which decodes it without torch.

The weights map onto ``ctranslate2.specs.TransformerSpec`` one to one: self-attention is [fused query-key-value, out],
cross-attention is [query, fused key-value, out]. The head width is written explicitly, because CTranslate2 otherwise
takes it to be width / heads, which is wrong once heads are pruned.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import TransformerSpec, common_spec, transformer_spec
from numpy.typing import NDArray
from torch import Tensor, nn

from seqline.errors import StageError
from seqline.files import staged
from seqline.models import load
from seqline.models.attention import CrossAttention, SelfAttention
from seqline.models.transformer import Transformer
from seqline.models.transformer_layers import EPSILON, DecoderLayer, EncoderLayer, FeedForward
from seqline.serving.batching import BUCKET_PIECES
from seqline.serving.bundle import SHORTLIST, Description
from seqline.serving.packing import pack
from seqline.tokenization import Tokenizer

_ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELU,
    "swiglu": common_spec.Activation.SWISH,
}

# A hypothesis may have twice as many pieces as its source, and a few more: no avalanche of repetitions.
_LENGTH_RATIO, _LENGTH_CONSTANT = 2.0, 10


def write_bundle(
    model_folder: Path,
    target: Path,
    compute_type: str,
    *,
    name: str,
    languages: tuple[str, str],
    max_pieces: int,
    shortlist: Iterable[str] = (),
    packed: bool = False,
) -> None:
    """Export a model folder as a deployable bundle at ``target``, complete with its manifest.

    Args:
        model_folder: a Transformer with its tokenizers.
        target: where the bundle will stand; it appears only when it is whole.
        compute_type: how weights are stored.
        name: what the model is called.
        languages: source and target language.
        max_pieces: the longest source that the model was trained on; longer lines are cut into segments.
        shortlist: the lines of one (shortlist.py); none: every piece may be written.
        packed: large files as gzip.

    Raises:
        StageError: the model is no Transformer.
    """
    model = load(model_folder)
    if not isinstance(model, Transformer):
        raise StageError(f"{model_folder}: CTranslate2 runs Transformers only, and this is {model.config.kind}")
    tokenizer = Tokenizer.load(model_folder)
    longest = int((model.config.max_positions - _LENGTH_CONSTANT) / _LENGTH_RATIO) - BUCKET_PIECES
    description = Description(
        name,
        *languages,
        max_pieces=min(max_pieces, longest),
        length_ratio=_LENGTH_RATIO,
        length_constant=_LENGTH_CONSTANT,
    )
    with staged(target, compute_type=compute_type) as folder:
        to_ctranslate2(
            model,
            pieces(tokenizer.source),
            pieces(tokenizer.target),
            folder,
            compute_type,
            num_positions=description.num_positions,
        )
        tokenizer.save(folder)
        description.write(folder)
        if lines := list(shortlist):
            (folder / SHORTLIST).write_text("\n".join([*lines, ""]), encoding="utf-8")
        if packed:
            pack(folder)


def pieces(processor: sentencepiece.SentencePieceProcessor) -> list[str]:
    """The piece of every id."""
    return [str(processor.id_to_piece(index)) for index in range(processor.get_piece_size())]


def to_ctranslate2(
    model: Transformer,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    folder: Path,
    compute_type: str,
    *,
    num_positions: int | None = None,
) -> None:
    """Write a model into an existing folder as CTranslate2 reads it; the model itself is left untouched.

    Args:
        model: the Transformer.
        source_tokens: the source piece of every id.
        target_tokens: the target piece of every id; ``<s>`` and ``</s>`` begin and end a target.
        folder: where ``model.bin``, ``config.json`` and the vocabularies are written.
        compute_type: how weights are stored: ``float32``, ``int8``, ``int8_float32``.
        num_positions: rows of the position table to keep (it stays float32); all of them where not given.
    """
    spec = _spec(model, num_positions)
    spec.register_source_vocabulary(list(source_tokens))
    spec.register_target_vocabulary(list(target_tokens))
    spec.config.layer_norm_epsilon = EPSILON
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization=compute_type)
    spec.save(str(folder))


def _spec(model: Transformer, num_positions: int | None) -> TransformerSpec:
    config = model.config
    rotary = config.positions == "rotary"
    options: dict[str, Any] = {
        "pre_norm": config.norm_place == "pre",
        "rms_norm": config.norm == "rms",
        "activation": _ACTIVATIONS[config.activation],
        "ffn_glu": config.activation == "swiglu",
        "head_dim": config.head_width,
        "rotary_dim": config.head_width if rotary else None,
        "rotary_interleave": False,
    }
    spec = TransformerSpec(
        transformer_spec.TransformerEncoderSpec(len(config.encoder_ffn), config.encoder_heads, **options),
        transformer_spec.TransformerDecoderSpec(len(config.decoder_ffn), config.decoder_heads, **options),
    )
    spec.encoder.embeddings[0].weight = _array(model.source_embedding.weight)
    spec.decoder.embeddings.weight = _array(model.target_embedding.weight)
    spec.decoder.projection.weight = _array(model.output.weight)
    for part, norm in ((spec.encoder, model.encoder_norm), (spec.decoder, model.decoder_norm)):
        if not rotary:
            part.position_encodings.encodings = _array(model.positions[:num_positions])
        if config.norm_place == "pre":
            _set_norm(part.layer_norm, norm)
    for layer_spec, layer in zip(spec.encoder.layer, model.encoder, strict=True):
        assert isinstance(layer, EncoderLayer)
        _set_self_attention(layer_spec.self_attention, layer.attention_norm, layer.attention)
        _set_feed_forward(layer_spec.ffn, layer.ffn_norm, layer.ffn)
    for layer_spec, layer in zip(spec.decoder.layer, model.decoder, strict=True):
        assert isinstance(layer, DecoderLayer)
        _set_self_attention(layer_spec.self_attention, layer.self_norm, layer.attention)
        _set_cross_attention(layer_spec.attention, layer.cross_norm, layer.cross)
        _set_feed_forward(layer_spec.ffn, layer.ffn_norm, layer.ffn)
    return spec


def _set_self_attention(spec: Any, norm: nn.Module, attention: SelfAttention) -> None:
    _set_norm(spec.layer_norm, norm)
    _set_linear(spec.linear[0], attention.qkv)
    _set_linear(spec.linear[1], attention.out)


def _set_cross_attention(spec: Any, norm: nn.Module, attention: CrossAttention) -> None:
    _set_norm(spec.layer_norm, norm)
    for linear_spec, linear in zip(spec.linear, (attention.q, attention.kv, attention.out), strict=True):
        _set_linear(linear_spec, linear)


def _set_feed_forward(spec: Any, norm: nn.Module, ffn: FeedForward) -> None:
    _set_norm(spec.layer_norm, norm)
    inner = [spec.linear_0, spec.linear_0_noact] if ffn.activation == "swiglu" else [spec.linear_0]
    weights, biases = ffn.up.weight.chunk(len(inner)), ffn.up.bias.chunk(len(inner))
    for part, weight, bias in zip(inner, weights, biases, strict=True):
        part.weight, part.bias = _array(weight), _array(bias)
    _set_linear(spec.linear_1, ffn.down)


def _set_linear(spec: Any, linear: nn.Linear) -> None:
    spec.weight, spec.bias = _array(linear.weight), _array(linear.bias)


def _set_norm(spec: Any, norm: nn.Module) -> None:
    spec.gamma = _array(norm.get_parameter("weight"))
    if isinstance(norm, nn.LayerNorm):
        spec.beta = _array(norm.bias)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    """A copy: quantisation scales arrays in place and would ruin the live model."""
    return np.array(tensor.detach().cpu().numpy(), dtype=np.float32, copy=True)
