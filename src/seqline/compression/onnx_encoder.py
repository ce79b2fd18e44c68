"""The encoder of a recurrent model in ONNX: from padded source ids to the decoder's first state and what it sees.

Legend: B sentences, S source length, D model width, K stacked vectors.
"""

import onnx

from seqline.compression.onnx_cells import layer
from seqline.compression.onnx_decoder import num_stacked, source_inputs
from seqline.compression.onnx_graph import FLOAT, INT32, INT64, Graph
from seqline.compression.onnx_layers import embed, linear, passed_on, table
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.recurrent_attention import Additive, General
from seqline.models.recurrent_encoder import EncoderLayer
from seqline.special import PAD


def encoder_graph(model: RecurrentEncoderDecoder) -> onnx.ModelProto:
    """source (B, S) → state, values [, keys, mask]."""
    graph, width = Graph("encoder"), model.config.width
    mask_BS = graph.op("Not", graph.op("Equal", "source", graph.constant(PAD)))
    counted_BS = graph.op("Cast", mask_BS, attributes={"to": INT32})
    lengths_B = graph.op("ReduceSum", counted_BS, graph.constant([1]), attributes={"keepdims": 0})
    states_BSD = graph.op("Mul", _states(graph, model, lengths_B), _as_factor(graph, mask_BS))
    ends_BD = _ends(graph, model, states_BSD, lengths_B)
    graph.output("state", _start(graph, model, ends_BD), FLOAT, ["B", num_stacked(model), width])
    _source(graph, model, states_BSD, mask_BS, ends_BD)
    return graph.model({"source": (INT64, ["B", "S"])})


def _states(graph: Graph, model: RecurrentEncoderDecoder, lengths_B: str) -> str:
    """The outputs of the top layer, (B, S, D); what stands at padding is undefined."""
    source_table = table(graph, "source_table", model.source_embedding)
    x_SBD = embed(graph, source_table, "source", [2, 1, 0], model.config.width)
    for number, block in enumerate(model.encoder.layers):
        assert isinstance(block, EncoderLayer)
        cells = [cell for cell in (block.ahead, block.back) if cell is not None]
        states_SBD = layer(graph, f"encoder.{number}", cells, x_SBD, lengths_B)
        x_SBD = passed_on(graph, f"encoder.{number}", block.output, states_SBD, x_SBD)
    return graph.op("Transpose", x_SBD, attributes={"perm": [1, 0, 2]})


def _as_factor(graph: Graph, mask_BS: str) -> str:
    """1 at real pieces, 0 at padding, (B, S, 1)."""
    return graph.op("Unsqueeze", graph.op("Cast", mask_BS, attributes={"to": FLOAT}), graph.constant([2]))


def _ends(graph: Graph, model: RecurrentEncoderDecoder, states_BSD: str, lengths_B: str) -> str:
    """What each direction knew at its end, (B, D)."""
    long_B = graph.op("Cast", lengths_B, attributes={"to": INT64})
    last_B1 = graph.op("Unsqueeze", graph.op("Sub", long_B, graph.constant(1)), graph.constant([1]))
    last_BD = graph.op("GatherND", states_BSD, last_B1, attributes={"batch_dims": 1})
    if not model.config.bidirectional:
        return last_BD
    first_BD = graph.op("Gather", states_BSD, graph.constant(0), attributes={"axis": 1})
    ahead_BH, back_BH = graph.split(last_BD, 2, axis=1)[0], graph.split(first_BD, 2, axis=1)[1]
    return graph.op("Concat", ahead_BH, back_BH, attributes={"axis": 1})


def _start(graph: Graph, model: RecurrentEncoderDecoder, ends_BD: str) -> str:
    """The state before the first piece, (B, K, D); features that are fed back begin as zeros."""
    parts = graph.op("Tanh", linear(graph, "bridge", model.bridge, ends_BD))
    state_BKD = graph.op("Reshape", parts, graph.constant([0, -1, model.config.width]))
    return graph.op("Pad", state_BKD, graph.constant([0, 0, 0, 0, 1, 0])) if model.config.feeds else state_BKD


def _source(graph: Graph, model: RecurrentEncoderDecoder, states_BSD: str, mask_BS: str, ends_BD: str) -> None:
    """Let out what the decoder sees of the source."""
    found = {"values": ends_BD if model.attention is None else states_BSD, "mask": mask_BS}
    if isinstance(model.attention, General | Additive):
        found["keys"] = linear(graph, "key", model.attention.key, states_BSD)
    for name, (element, shape) in source_inputs(model).items():
        graph.output(name, found[name], element, ["B" if dimension == "N" else dimension for dimension in shape])
