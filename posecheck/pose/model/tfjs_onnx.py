"""From a graph of TensorFlow.js to an ONNX model, for the kinds of node that MoveNet has.

TensorFlow counts the channels of a picture last and ONNX before the rows: each convolution stands
between two transpositions, and onnxruntime takes out the pairs that cancel each other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from posecheck.core.errors import ModelError

Tensor = np.ndarray[Any, Any]

OPSET, IR_VERSION = 18, 9  # onnxruntime of 2023 and later reads them
INPUT, OUTPUT = "input", "output"
_CHANNELS_FIRST, _CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
_STORED = {
    ("float32", "float16"): "<f2",
    ("float32", None): "<f4",
    ("int32", None): "<i4",
}
_TYPES = {"DT_FLOAT": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32}


def onnx_model(graph: bytes, weights: bytes) -> onnx.ModelProto:
    """The ONNX model that computes the same as a graph of TensorFlow.js.

    Parameters
    ----------
    graph : bytes
        The JSON file: the nodes, in an order in which they can be computed, and where the weights
        are.
    weights : bytes
        The binary file.

    Returns
    -------
    onnx.ModelProto
        With one ``input`` and one ``output``, of the shapes and types that the graph's signature
        names.

    Raises
    ------
    ModelError
        The graph has a kind of node, or uses one in a way, that is not known here; or it is not
        whole.
    """
    try:
        parts = json.loads(graph)
        (manifest,) = parts["weightsManifest"]
        (given,) = parts["signature"]["inputs"].values()
        (asked,) = parts["signature"]["outputs"].values()
        translation = _Translation(_constants(manifest["weights"], weights))
        for node in parts["modelTopology"]["node"]:
            translation.add(_Node(node))
        translation.emit("Identity", translation.tensor(asked["name"]), names=[OUTPUT])
        model = helper.make_model(
            helper.make_graph(
                translation.nodes,
                "movenet",
                [_value(INPUT, given)],
                [_value(OUTPUT, asked)],
                translation.constants,
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model)
    except (KeyError, ValueError, TypeError, IndexError, onnx.checker.ValidationError) as error:
        raise ModelError(f"the graph of the pose model is damaged ({error})") from error
    return model


def _value(name: str, signature: dict[str, Any]) -> onnx.ValueInfoProto:
    shape = [int(dim["size"]) for dim in signature["tensorShape"]["dim"]]
    return helper.make_tensor_value_info(name, _TYPES[signature["dtype"]], shape)


def _constants(described: list[dict[str, Any]], weights: bytes) -> dict[str, Tensor]:
    """The weights by name; halves become floats."""
    found, start = {}, 0
    for one in described:
        how = (one["dtype"], one.get("quantization", {}).get("dtype"))
        if how not in _STORED:
            raise ModelError(f"the graph stores {one['name']} as {how}, which is not known here")
        kind = np.dtype(_STORED[how])
        count = int(np.prod(one["shape"]))
        values = np.frombuffer(weights, kind, count, start).reshape(one["shape"])
        found[one["name"]] = values.astype(one["dtype"])
        start += count * kind.itemsize
    if start != len(weights):
        raise ValueError(f"{len(weights)} bytes of weights instead of {start}")
    return found


class _Node:
    """One node of the graph, with its attributes as plain values."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.kind: str = raw["op"]
        self.name: str = raw["name"]
        self.inputs: list[str] = [i for i in raw.get("input", []) if not i.startswith("^")]
        self._attributes = {name: _plain(value) for name, value in raw.get("attr", {}).items()}

    def get(self, attribute: str, default: Any = None) -> Any:
        return self._attributes.get(attribute, default)

    def demand(self, is_so: bool, what: str) -> None:
        if not is_so:
            raise ModelError(f"the graph has a {self.kind} with {what}, which is not known here")


def _plain(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    if kind == "i":
        return int(value)
    if kind == "s":
        return base64.b64decode(value).decode()
    if kind == "list":
        return [_plain({inner: one}) for inner, many in value.items() for one in many]
    return value


class _Translation:
    """The ONNX nodes of the TensorFlow nodes so far, and the constants that they use."""

    def __init__(self, constants: dict[str, Tensor]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._known = constants
        self._tensors: dict[str, str] = {}  # from a TensorFlow name to an ONNX name
        self._kinds: dict[str, str] = {}
        self._count = 0

    def add(self, node: _Node) -> None:
        self._kinds[node.name] = node.kind
        if node.kind in _IGNORED:
            return
        if node.kind == "Placeholder":
            self._tensors[node.name] = INPUT
        elif node.kind in _SAME:
            inputs = [self.tensor(i) for i in node.inputs]
            self._tensors[node.name] = self.emit(_SAME[node.kind], *inputs)
        elif node.kind in _TRANSLATED:
            made = _TRANSLATED[node.kind](self, node)
            several = [made] if isinstance(made, str) else made
            for number, name in enumerate(several):
                self._tensors[f"{node.name}:{number}" if number else node.name] = name
        else:
            raise ModelError(f"the graph has a node of the kind {node.kind!r}, not known here")

    # --- what a translation asks for --------------------------------------------------------------

    def tensor(self, name: str) -> str:
        """The ONNX name of a tensor; a constant becomes part of the model when it is first used."""
        name = name.removesuffix(":0")
        if name not in self._tensors:
            self._tensors[name] = self.constant(self.known(name))
        return self._tensors[name]

    def known(self, name: str) -> Tensor:
        """The value of a constant."""
        return self._known[name.removesuffix(":0")]

    def kind(self, name: str) -> str:
        """The kind of the node that computes a tensor."""
        return self._kinds[name.partition(":")[0]]

    def constant(self, value: Tensor) -> str:
        name = self._new_name()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def emit(self, kind: str, *inputs: str, names: Sequence[str] = (), **attributes: Any) -> str:
        """Add an ONNX node; the name of what it computes first."""
        names = names or [self._new_name()]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def new_names(self, count: int) -> list[str]:
        return [self._new_name() for _ in range(count)]

    def _new_name(self) -> str:
        self._count += 1
        return f"t{self._count}"


# --- the kinds of node ----------------------------------------------------------------------------


def _convolution(made: _Translation, node: _Node) -> str:
    node.demand(node.get("data_format", "NHWC") == "NHWC", "channels that are not last")
    node.demand(set(node.get("dilations", [])) <= {1}, "dilations")
    node.demand(node.get("padding") in {"SAME", "VALID"}, "a padding of its own")
    fused = node.get("fused_ops", [])
    node.demand(
        fused in ([], ["BiasAdd"], ["BiasAdd", "Relu"], ["BiasAdd", "Relu6"]), f"fused {fused}"
    )
    kernel = made.known(node.inputs[1])  # rows, columns, channels in, channels out
    rows, columns, n_in, n_out = kernel.shape
    group = 1
    if "Depthwise" in node.kind:
        group = n_in
        kernel = kernel.reshape(rows, columns, 1, n_in * n_out)
    inputs = [
        made.emit("Transpose", made.tensor(node.inputs[0]), perm=_CHANNELS_FIRST),
        made.constant(kernel.transpose(3, 2, 0, 1)),
    ]
    if fused:
        inputs.append(made.constant(made.known(node.inputs[2]).reshape(-1)))
    found = made.emit(
        "Conv",
        *inputs,
        strides=node.get("strides")[1:3],
        auto_pad="SAME_UPPER" if node.get("padding") == "SAME" else "VALID",
        group=group,
    )
    if "Relu" in fused:
        found = made.emit("Relu", found)
    if "Relu6" in fused:
        limits = made.constant(np.array(0, np.float32)), made.constant(np.array(6, np.float32))
        found = made.emit("Clip", found, *limits)
    return made.emit("Transpose", found, perm=_CHANNELS_LAST)


def _resized(made: _Translation, node: _Node) -> str:
    node.demand(node.get("half_pixel_centers") and not node.get("align_corners"), "other centres")
    found = made.emit("Transpose", made.tensor(node.inputs[0]), perm=_CHANNELS_FIRST)
    shape = made.emit("Shape", found, end=2)
    size = made.constant(made.known(node.inputs[1]).astype(np.int64))
    shape = made.emit("Concat", shape, size, axis=0)
    found = made.emit("Resize", found, "", "", shape, mode="linear")  # centres are half by default
    return made.emit("Transpose", found, perm=_CHANNELS_LAST)


def _floor_division(made: _Translation, node: _Node) -> str:
    # ONNX divides whole numbers towards zero: the same only where nothing is negative.
    dividend, divisor = node.inputs
    is_positive = made.kind(dividend) == "ArgMax" and bool(np.all(made.known(divisor) > 0))
    node.demand(node.get("T") == "DT_INT32" and is_positive, "numbers that may be negative")
    return made.emit("Div", made.tensor(dividend), made.tensor(divisor))


def _squared_difference(made: _Translation, node: _Node) -> str:
    difference = made.emit("Sub", *(made.tensor(i) for i in node.inputs))
    return made.emit("Mul", difference, difference)


def _cast(made: _Translation, node: _Node) -> str:
    return made.emit("Cast", made.tensor(node.inputs[0]), to=_TYPES[node.get("DstT")])


def _with_axis(made: _Translation, tensor: str, axis: int) -> str:
    return made.emit("Unsqueeze", tensor, made.constant(np.array([axis])))


def _without_axes(made: _Translation, tensor: str, axes: list[int]) -> str:
    return made.emit("Squeeze", tensor, made.constant(np.array(axes)))


def _expanded(made: _Translation, node: _Node) -> str:
    return _with_axis(made, made.tensor(node.inputs[0]), int(made.known(node.inputs[1]).item()))


def _squeezed(made: _Translation, node: _Node) -> str:
    node.demand(bool(node.get("squeeze_dims")), "no axes named")
    return _without_axes(made, made.tensor(node.inputs[0]), node.get("squeeze_dims"))


def _reshaped(made: _Translation, node: _Node) -> str:
    shape = made.known(node.inputs[1]).astype(np.int64)
    return made.emit("Reshape", made.tensor(node.inputs[0]), made.constant(shape))


def _joined(made: _Translation, node: _Node) -> str:
    *parts, axis = node.inputs
    return made.emit("Concat", *map(made.tensor, parts), axis=int(made.known(axis).item()))


def _packed(made: _Translation, node: _Node) -> str:
    axis = node.get("axis", 0)
    parts = [_with_axis(made, made.tensor(i), axis) for i in node.inputs]
    return made.emit("Concat", *parts, axis=axis)


def _unpacked(made: _Translation, node: _Node) -> list[str]:
    axis, count = node.get("axis", 0), node.get("num")
    names = made.new_names(count)
    made.emit("Split", made.tensor(node.inputs[0]), names=names, axis=axis, num_outputs=count)
    return [_without_axes(made, name, [axis]) for name in names]


def _largest(made: _Translation, node: _Node) -> str:
    axis = int(made.known(node.inputs[1]).item())
    found = made.emit("ArgMax", made.tensor(node.inputs[0]), axis=axis, keepdims=0)
    return made.emit("Cast", found, to=_TYPES[node.get("output_type")])


def _gathered(made: _Translation, node: _Node) -> str:
    values, where = (made.tensor(i) for i in node.inputs)
    return made.emit("GatherND", values, made.emit("Cast", where, to=TensorProto.INT64))


_IGNORED = {"Const"}  # part of the model where something uses it
_SAME = {
    "AddV2": "Add",
    "Identity": "Identity",
    "Mul": "Mul",
    "RealDiv": "Div",
    "Sigmoid": "Sigmoid",
    "Sqrt": "Sqrt",
    "Sub": "Sub",
}
_TRANSLATED: dict[str, Callable[[_Translation, _Node], str | list[str]]] = {
    "ArgMax": _largest,
    "Cast": _cast,
    "ConcatV2": _joined,
    "DepthwiseConv2dNative": _convolution,
    "ExpandDims": _expanded,
    "FloorDiv": _floor_division,
    "FusedDepthwiseConv2dNative": _convolution,
    "GatherNd": _gathered,
    "Pack": _packed,
    "Reshape": _reshaped,
    "ResizeBilinear": _resized,
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeezed,
    "Unpack": _unpacked,
    "_FusedConv2D": _convolution,
}
