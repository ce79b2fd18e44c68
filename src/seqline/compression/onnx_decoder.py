"""The decoder of a recurrent model in ONNX: one step, from one more piece per row to log-probabilities.

Legend: N rows, S source length, D model width, G gates × D, V target vocabulary, K stacked vectors.
"""

import numpy as np
import onnx
from torch import nn

from seqline.compression.onnx_cells import step
from seqline.compression.onnx_graph import BOOL, FLOAT, INT64, Graph, Shape
from seqline.compression.onnx_layers import embed, linear, passed_on, table
from seqline.models.cells import Cell
from seqline.models.layer_output import LayerOutput
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.recurrent_attention import Additive, General


def decoder_graph(model: RecurrentEncoderDecoder) -> onnx.ModelProto:
    """piece (N), state, values [, keys, mask] → log_probs (N, V), next_state."""
    graph, config = Graph("decoder"), model.config
    table_DV = table(graph, "target_table", model.target_embedding)
    x_ND = embed(graph, table_DV, "piece", [1, 0], config.width)
    if model.constant is not None:
        x_ND = graph.op("Add", x_ND, linear(graph, "constant", model.constant, "values"))
    parts, top_ND = _layers(graph, model, x_ND)
    context_ND = "values" if model.attention is None else _context(graph, model.attention, top_ND)
    both_NE = graph.op("Concat", top_ND, context_ND, attributes={"axis": 1})
    features_ND = graph.op("Tanh", linear(graph, "combine", model.combine, both_NE))
    output_DV = graph.weight("output_table", model.output.weight.t()) if config.tie == "none" else table_DV
    log_probs_NV = graph.op("LogSoftmax", graph.op("MatMul", features_ND, output_DV), attributes={"axis": 1})
    graph.output("log_probs", log_probs_NV, FLOAT, ["N", config.target_vocabulary])
    shape: Shape = ["N", num_stacked(model), config.width]
    graph.output("next_state", _stacked(graph, [*parts, features_ND] if config.feeds else parts), FLOAT, shape)
    return graph.model({"piece": (INT64, ["N"]), "state": (FLOAT, shape), **source_inputs(model)})


def num_stacked(model: RecurrentEncoderDecoder) -> int:
    """K: how many vectors of width D a state holds."""
    return model.bridge.out_features // model.config.width + int(model.config.feeds)


def source_inputs(model: RecurrentEncoderDecoder) -> dict[str, tuple[int, Shape]]:
    """What the decoder sees of the source, by name."""
    width = model.config.width
    if model.attention is None:
        return {"values": (FLOAT, ["N", width])}
    seen: dict[str, tuple[int, Shape]] = {"values": (FLOAT, ["N", "S", width]), "mask": (BOOL, ["N", "S"])}
    if isinstance(model.attention, General | Additive):
        seen["keys"] = (FLOAT, ["N", "S", width])
    return seen


def _layers(graph: Graph, model: RecurrentEncoderDecoder, x_ND: str) -> tuple[list[str], str]:
    """All layers of one step: the new parts, in the order of the state, and the top layer's output."""
    stacked, num_layers = _unstacked(graph, num_stacked(model)), model.config.decoder_layers
    layers: list[list[str]] = []
    for number, (cell, output) in enumerate(zip(model.cells, model.outputs, strict=True)):
        assert isinstance(cell, Cell)
        assert isinstance(output, LayerOutput)
        x_NG = linear(graph, f"decoder.{number}.input", cell.input, x_ND)
        if number == 0 and model.feed is not None:
            x_NG = graph.op("Add", x_NG, linear(graph, "feed", model.feed, stacked[-1]))
        before = stacked[number : cell.num_parts * num_layers : num_layers]
        layers.append(step(graph, f"decoder.{number}", cell, x_NG, before))
        x_ND = passed_on(graph, f"decoder.{number}", output, layers[-1][0], x_ND)
    return [parts[kind] for kind in range(len(layers[0])) for parts in layers], x_ND


def _context(graph: Graph, attention: nn.Module, query_ND: str) -> str:
    """The context (N, D) of one query per row."""
    query_N1D = graph.op("Unsqueeze", query_ND, graph.constant([1]))
    if isinstance(attention, Additive):
        query_N1D = linear(graph, "query", attention.query, query_N1D)
        hidden_NSD = graph.op("Tanh", graph.op("Add", "keys", query_N1D))
        turned_NS1 = linear(graph, "energy", attention.energy, hidden_NSD)
        scores_N1S = graph.op("Transpose", turned_NS1, attributes={"perm": [0, 2, 1]})
    else:
        keys = "keys" if isinstance(attention, General) else "values"
        scores_N1S = graph.op("MatMul", query_N1D, graph.op("Transpose", keys, attributes={"perm": [0, 2, 1]}))
    mask_N1S = graph.op("Unsqueeze", "mask", graph.constant([1]))
    scores_N1S = graph.op("Where", mask_N1S, scores_N1S, graph.constant(-np.inf, np.float32))
    weights_N1S = graph.op("Softmax", scores_N1S, attributes={"axis": 2})
    return graph.op("Squeeze", graph.op("MatMul", weights_N1S, "values"), graph.constant([1]))


def _unstacked(graph: Graph, count: int) -> list[str]:
    return [graph.op("Squeeze", vector, graph.constant([1])) for vector in graph.split("state", count, axis=1)]


def _stacked(graph: Graph, vectors: list[str]) -> str:
    rows = [graph.op("Unsqueeze", vector, graph.constant([1])) for vector in vectors]
    return graph.op("Concat", *rows, attributes={"axis": 1})
