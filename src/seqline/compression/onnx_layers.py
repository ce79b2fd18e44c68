"""What encoder and decoder share in ONNX: linear maps, embeddings, and what a layer passes on."""

import math

import numpy as np
from torch import nn

from seqline.compression.onnx_graph import Graph
from seqline.models.layer_output import LayerOutput


def linear(graph: Graph, name: str, module: nn.Linear, x: str) -> str:
    """x Wᵀ + b."""
    product = graph.op("MatMul", x, graph.weight(f"{name}.weight", module.weight.t()))
    return product if module.bias is None else graph.op("Add", product, graph.weight(f"{name}.bias", module.bias))


def table(graph: Graph, name: str, embeddings: nn.Embedding) -> str:
    """Embeddings as (D, V): a tied table is stored once, as the output's matrix, and its columns are looked up."""
    return graph.weight(name, embeddings.weight.t())


def embed(graph: Graph, table_DV: str, ids: str, order: list[int], width: int) -> str:
    """√D times the columns of a table; ``order`` arranges the axes (D, …) of what was looked up."""
    found = graph.op("Gather", table_DV, ids, attributes={"axis": 1})
    turned = graph.op("Transpose", found, attributes={"perm": order})
    return graph.op("Mul", turned, graph.constant(math.sqrt(width), np.float32))


def passed_on(graph: Graph, name: str, output: LayerOutput, h: str, x: str) -> str:
    """x + LN(h), the sum and the norm only where the layer has them."""
    if output.norm is not None:
        scale = graph.weight(f"{name}.norm.weight", output.norm.weight)
        shift = graph.weight(f"{name}.norm.bias", output.norm.bias)
        h = graph.op("LayerNormalization", h, scale, shift, attributes={"epsilon": output.norm.eps})
    return graph.op("Add", x, h) if output.residual else h
