"""Recurrent cells in ONNX: whole sequences by its LSTM and GRU operators, single steps by the written equations.

ONNX orders gates differently: i, o, f, g for an LSTM and its peepholes, z, r, n for a GRU (torch: i, f, g, o and
r, z, n). Its GRU is torch's with ``linear_before_reset``.

Legend: S source length, B sentences, N rows, D input width, H hidden width, G gates × H.
"""

import torch
from torch import Tensor

from seqline.compression.onnx_graph import Attributes, Graph
from seqline.compression.onnx_layers import linear
from seqline.models.cells import Cell, GRUCell, PeepholeLSTMCell

_GRU_ORDER, _LSTM_ORDER, _PEEPHOLE_ORDER = (1, 0, 2), (0, 3, 1, 2), (0, 2, 1)


def layer(graph: Graph, name: str, cells: list[Cell], x_SBD: str, lengths_B: str) -> str:
    """A layer of one cell (ahead) or two (ahead, back) over whole sequences, (S, B, cells × H), zero at padding."""
    first = cells[0]
    kind, order = ("GRU", _GRU_ORDER) if isinstance(first, GRUCell) else ("LSTM", _LSTM_ORDER)
    inputs = [
        x_SBD,
        graph.weight(f"{name}.input", torch.stack([_reordered(cell.input.weight, order) for cell in cells])),
        graph.weight(f"{name}.recurrent", torch.stack([_reordered(cell.recurrent.weight, order) for cell in cells])),
        graph.weight(f"{name}.bias", torch.stack([_bias(cell, order) for cell in cells])),
        lengths_B,
    ]
    if isinstance(first, PeepholeLSTMCell):
        peepholes = torch.stack([_peepholes(cell) for cell in cells])
        inputs += ["", "", graph.weight(f"{name}.peepholes", peepholes)]
    attributes: Attributes = {
        "hidden_size": first.width,
        "direction": "bidirectional" if len(cells) == 2 else "forward",
        **({"linear_before_reset": 1} if kind == "GRU" else {}),
    }
    y_SCBH = graph.op(kind, *inputs, attributes=attributes)
    y_SBCH = graph.op("Transpose", y_SCBH, attributes={"perm": [0, 2, 1, 3]})
    return graph.op("Reshape", y_SBCH, graph.constant([0, 0, len(cells) * first.width]))


def step(graph: Graph, name: str, cell: Cell, x_NG: str, parts: list[str]) -> list[str]:
    """One step from the projected input; the equations stand in ``seqline.models.cells``."""
    if isinstance(cell, GRUCell):
        return _gru_step(graph, name, cell, x_NG, parts[0])
    h_NH, c_NH = parts
    gates_NG = graph.op("Add", x_NG, linear(graph, f"{name}.recurrent", cell.recurrent, h_NH))
    i, f, g, o = graph.split(gates_NG, 4, axis=1)
    p_i = p_f = p_o = ""
    if isinstance(cell, PeepholeLSTMCell):
        p_i, p_f, p_o = (graph.weight(f"{name}.peephole_{k}", p) for k, p in zip("ifo", cell.peepholes, strict=True))
        i, f = (graph.op("Add", gate, graph.op("Mul", p, c_NH)) for gate, p in ((i, p_i), (f, p_f)))
    kept_NH = graph.op("Mul", graph.op("Sigmoid", f), c_NH)
    c_NH = graph.op("Add", kept_NH, graph.op("Mul", graph.op("Sigmoid", i), graph.op("Tanh", g)))
    if p_o:
        o = graph.op("Add", o, graph.op("Mul", p_o, c_NH))
    return [graph.op("Mul", graph.op("Sigmoid", o), graph.op("Tanh", c_NH)), c_NH]


def _gru_step(graph: Graph, name: str, cell: GRUCell, x_NG: str, h_NH: str) -> list[str]:
    x_r, x_z, x_n = graph.split(x_NG, 3, axis=1)
    u_NG = linear(graph, f"{name}.recurrent", cell.recurrent, h_NH)
    u_r, u_z, u_n = graph.split(u_NG, 3, axis=1)
    r, z = (graph.op("Sigmoid", graph.op("Add", x, u)) for x, u in ((x_r, u_r), (x_z, u_z)))
    u_n = graph.op("Add", u_n, graph.weight(f"{name}.candidate_bias", cell.candidate_bias))
    n = graph.op("Tanh", graph.op("Add", x_n, graph.op("Mul", r, u_n)))
    return [graph.op("Add", n, graph.op("Mul", z, graph.op("Sub", h_NH, n)))]


def _reordered(gates: Tensor, order: tuple[int, ...]) -> Tensor:
    """Blocks of rows, one per gate, in another order."""
    blocks = gates.chunk(len(order))
    return torch.cat([blocks[index] for index in order])


def _bias(cell: Cell, order: tuple[int, ...]) -> Tensor:
    """Biases of the input, then of the recurrence."""
    recurrent = torch.zeros_like(cell.input.bias)
    if isinstance(cell, GRUCell):
        recurrent = torch.cat((recurrent[: 2 * cell.width], cell.candidate_bias))
    return torch.cat((_reordered(cell.input.bias, order), _reordered(recurrent, order)))


def _peepholes(cell: Cell) -> Tensor:
    assert isinstance(cell, PeepholeLSTMCell)
    return cell.peepholes[list(_PEEPHOLE_ORDER)].flatten()
