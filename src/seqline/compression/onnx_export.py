"""Export of a recurrent model to ONNX: an encoder, and a decoder that takes one step.

    encoder.onnx   source (B, S)                                 → state, values [, keys, mask]
    decoder.onnx   piece (N), state, values [, keys, mask]       → log_probs (N, V), next_state

``state`` (N, K, D) stacks all that a step hands to the next: h (and c) of every layer, and the features where they are
fed back. ``values``, ``keys`` and ``mask`` are what attention sees (seqline/models/recurrent_attention.py); without
attention ``values`` is the one vector (N, D). A runtime that passes on what it gets by name needs to know nothing else.

The graphs are written operator by operator (the reason is in docs/adr/0007-recurrent-models-in-onnx.md).
int8 weights are quantised after the fact, activations while it runs (ONNX Runtime's dynamic quantisation). The GRU
operator has no int8 kernel: the recurrent weights of a GRU *encoder* stay float32.

Legend: B sentences, N rows, S source length, D model width, V target vocabulary, K stacked vectors.
"""

import logging
from pathlib import Path
from typing import Literal

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from seqline.compression.onnx_decoder import decoder_graph
from seqline.compression.onnx_encoder import encoder_graph
from seqline.errors import StageError
from seqline.files import staged
from seqline.models import load
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.tokenization import Tokenizer

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
ComputeType = Literal["float32", "int8"]


def write_onnx(model_folder: Path, target: Path, compute_type: ComputeType) -> None:
    """Export a model folder as a folder for ONNX Runtime at ``target``, complete with its manifest.

    Raises:
        StageError: the model is no recurrent one.
    """
    model = load(model_folder)
    if not isinstance(model, RecurrentEncoderDecoder):
        raise StageError(f"{model_folder}: only recurrent models go to ONNX; a {model.config.kind} is for `quantize`")
    with staged(target, compute_type=compute_type) as folder:
        to_onnx(model, folder, compute_type)
        Tokenizer.load(model_folder).save(folder)


def to_onnx(model: RecurrentEncoderDecoder, folder: Path, compute_type: ComputeType) -> None:
    """Write ``encoder.onnx`` and ``decoder.onnx`` into an existing folder."""
    for name, graph in ((ENCODER, encoder_graph(model)), (DECODER, decoder_graph(model))):
        if compute_type == "float32":
            onnx.save(graph, folder / name)
        else:
            _save_int8(graph, folder / name)


def _save_int8(graph: onnx.ModelProto, path: Path) -> None:
    # Unsigned weights: with signed ones, sums of 8-bit products saturate on processors without VNNI. (Those of the
    # LSTM operator are signed in any case.)
    logging.getLogger().addFilter(_no_advice)  # the quantiser advises, on the root logger, what is done here already
    try:
        quantize_dynamic(graph, path, weight_type=QuantType.QUInt8)
    finally:
        logging.getLogger().removeFilter(_no_advice)


def _no_advice(record: logging.LogRecord) -> bool:
    return "pre-processing" not in record.getMessage()
