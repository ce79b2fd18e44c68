"""A small writer of ONNX graphs: operators are called like functions and give the name of their result.

    graph = Graph("doubler")
    graph.output("y", graph.op("Add", "x", "x"), FLOAT, ["N"])
    model = graph.model({"x": (FLOAT, ["N"])})

Operators: https://onnx.ai/onnx/operators/
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

BOOL, FLOAT, INT32, INT64 = TensorProto.BOOL, TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64

Attributes = Mapping[str, int | float | str | Sequence[int]]
Shape = Sequence[int | str]

_OPSET = 21
_IR_VERSION = 10


class Graph:
    """Nodes and weights in the order in which they are added."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, onnx.TensorProto] = {}
        self._outputs: list[onnx.ValueInfoProto] = []

    def op(self, kind: str, *inputs: str, attributes: Attributes | None = None) -> str:
        """Add an operator of one result; ``""`` stands for an input that is left out."""
        return self._add(kind, inputs, 1, attributes or {})[0]

    def split(self, value: str, parts: int, axis: int) -> list[str]:
        """Cut a tensor into equal parts along an axis."""
        return self._add("Split", [value], parts, {"axis": axis, "num_outputs": parts})

    def weight(self, name: str, value: Tensor) -> str:
        """Add a weight, once; it is quantised where quantisation is asked for."""
        if name not in self._weights:
            array = np.ascontiguousarray(value.detach().cpu().numpy(), dtype=np.float32)
            self._weights[name] = numpy_helper.from_array(array, name)
        return name

    def constant(self, value: ArrayLike, dtype: type[np.generic] = np.int64) -> str:
        """Add a small array that is part of the computation: axes, shapes, factors."""
        name = f"constant_{len(self._weights)}"
        self._weights[name] = numpy_helper.from_array(np.asarray(value, dtype=dtype), name)
        return name

    def output(self, name: str, value: str, element: int, shape: Shape) -> None:
        """Give a result a name by which it leaves the graph; dimensions named by a string are free."""
        self._nodes.append(helper.make_node("Identity", [value], [name], f"output_{name}"))
        self._outputs.append(helper.make_tensor_value_info(name, element, shape))

    def model(self, inputs: Mapping[str, tuple[int, Shape]]) -> onnx.ModelProto:
        """The finished, checked model.

        Args:
            inputs: element type and shape of what enters, by name.
        """
        values = [helper.make_tensor_value_info(name, element, shape) for name, (element, shape) in inputs.items()]
        graph = helper.make_graph(self._nodes, self.name, values, self._outputs, list(self._weights.values()))
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, producer_name="seqline", ir_version=_IR_VERSION, opset_imports=opset)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _add(self, kind: str, inputs: Sequence[str], parts: int, attributes: Attributes) -> list[str]:
        name = f"{kind}_{len(self._nodes)}"
        results = [f"{name}_{part}" for part in range(parts)]
        node = helper.make_node(kind, inputs, results, name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return results
