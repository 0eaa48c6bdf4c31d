"""Small graphs of TensorFlow.js against NumPy, and those that are not known or not whole."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import onnxruntime
import pytest

from posecheck.core.errors import ModelError
from posecheck.pose.model.tfjs_onnx import INPUT, onnx_model

SHAPE = (1, 6, 6, 3)
GIVEN = np.arange(-54, 54, dtype=np.int32).reshape(SHAPE)
Node = dict[str, Any]


def node(kind: str, name: str, *inputs: str, **attributes: Any) -> Node:
    return {"op": kind, "name": name, "input": list(inputs), "attr": attributes}


def text(word: str) -> dict[str, str]:
    return {"s": base64.b64encode(word.encode()).decode()}


def ints(*numbers: int) -> dict[str, Any]:
    return {"list": {"i": [str(number) for number in numbers]}}


def whole(numbers: Any) -> np.ndarray:
    return np.array(numbers, np.int32)


def real(numbers: Any) -> np.ndarray:
    return np.array(numbers, np.float32)


def graph(
    nodes: list[Node], constants: dict[str, np.ndarray], out: tuple[int, ...]
) -> tuple[bytes, bytes]:
    """A graph from a float of the input, called x, to the last of the nodes."""
    first = [
        {"op": "Placeholder", "name": INPUT},
        *({"op": "Const", "name": name} for name in constants),
        node("Cast", "x", INPUT, DstT={"type": "DT_FLOAT"}),
    ]
    sides = {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": str(n)} for n in out]}}
    given = {"dtype": "DT_INT32", "tensorShape": {"dim": [{"size": str(n)} for n in SHAPE]}}
    described = [
        {"name": name, "shape": list(value.shape), "dtype": value.dtype.name}
        for name, value in constants.items()
    ]
    parts = {
        "modelTopology": {"node": [*first, *nodes]},
        "weightsManifest": [{"weights": described}],
        "signature": {
            "inputs": {"a": {"name": f"{INPUT}:0", **given}},
            "outputs": {"b": {"name": f"{nodes[-1]['name']}:0", **sides}},
        },
    }
    return json.dumps(parts).encode(), b"".join(value.tobytes() for value in constants.values())


def answer(nodes: list[Node], out: tuple[int, ...], **constants: np.ndarray) -> np.ndarray:
    model = onnx_model(*graph(nodes, constants, out))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {INPUT: GIVEN})[0]


FLOAT: dict[str, Any] = {"DstT": {"type": "DT_FLOAT"}}
X = GIVEN.astype(np.float32)


def test_arithmetic() -> None:
    nodes = [
        node("SquaredDifference", "a", "x", "half"),
        node("Sqrt", "b", "a"),
        node("RealDiv", "c", "b", "half"),
        node("Sub", "d", "c", "x"),
        node("Mul", "e", "d", "half"),
        node("AddV2", "f", "e", "half"),
        node("Sigmoid", "g", "f"),
    ]
    expected = 1 / (1 + np.exp(-((abs(X - 0.5) / 0.5 - X) * 0.5 + 0.5)))
    assert answer(nodes, SHAPE, half=real([0.5])) == pytest.approx(expected, abs=1e-6)


def test_shapes() -> None:
    nodes = [
        node("Reshape", "rows", "x", "shape"),
        node("Unpack", "split", "rows", axis={"i": "1"}, num={"i": "3"}),
        node("Pack", "packed", "split:2", "split", axis={"i": "0"}, N={"i": "2"}),
        node("ExpandDims", "wide", "packed", "last"),
        node("ConcatV2", "two", "wide", "wide", "last"),
        node("Squeeze", "out", "wide", squeeze_dims=ints(2)),
    ]
    constants = {"shape": whole([36, 3]), "last": whole(2)}
    rows = X.reshape(36, 3)
    assert np.array_equal(answer(nodes, (2, 36), **constants), np.stack([rows[:, 2], rows[:, 0]]))
    twice = answer(nodes[:-1], (2, 36, 2), **constants)
    assert np.array_equal(twice[..., 0], twice[..., 1])


def test_the_largest_and_where_it_stands() -> None:
    nodes = [
        node("Reshape", "flat", "x", "shape"),
        node("ArgMax", "at", "flat", "axis", output_type={"type": "DT_INT32"}),
        node("FloorDiv", "row", "at", "seven", T={"type": "DT_INT32"}),
        node("Pack", "index", "row", axis={"i": "1"}),
        node("GatherNd", "there", "flat", "index"),
        node("Cast", "out", "row", **FLOAT),
    ]
    constants = {"shape": whole([108, 1]), "axis": whole(0), "seven": whole(7)}
    assert answer(nodes, (1,), **constants) == [107 // 7]
    assert answer(nodes[:-1], (1, 1), **constants) == [[X.reshape(-1)[107 // 7]]]


@pytest.mark.parametrize("fused", [[], ["BiasAdd"], ["BiasAdd", "Relu"], ["BiasAdd", "Relu6"]])
@pytest.mark.parametrize(("stride", "padding"), [(1, "SAME"), (2, "SAME"), (2, "VALID")])
def test_convolution(fused: list[str], stride: int, padding: str) -> None:
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    attributes = {
        "strides": ints(1, stride, stride, 1),
        "padding": text(padding),
        "fused_ops": {"list": {"s": [text(word)["s"] for word in fused]}},
    }
    side = 6 if stride == 1 else 3 if padding == "SAME" else 2
    found = answer(
        [node("_FusedConv2D", "out", "x", "kernel", "bias", **attributes)],
        (1, side, side, 4),
        kernel=kernel.astype(np.float32),
        bias=bias.astype(np.float32),
    )
    # TensorFlow pads what is missing, and where that is odd once more at the end.
    missing = max((side - 1) * stride + 3 - 6, 0)
    wide = np.pad(X[0], [(missing // 2, missing - missing // 2)] * 2 + [(0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(0, 1))
    expected = np.einsum("yxcij,ijco->yxo", windows[::stride, ::stride], kernel)
    expected = expected + bias * ("BiasAdd" in fused)
    if fused[1:]:
        expected = np.clip(expected, 0, 6 if "Relu6" in fused else None)
    assert found[0] == pytest.approx(expected, abs=1e-3)


def test_each_channel_for_itself() -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 1)).astype(np.float32)
    attributes = {"strides": ints(1, 1, 1, 1), "padding": text("VALID")}
    nodes = [node("DepthwiseConv2dNative", "out", "x", "kernel", **attributes)]
    windows = np.lib.stride_tricks.sliding_window_view(X[0], (3, 3), axis=(0, 1))
    expected = np.einsum("yxcij,ijc->yxc", windows, kernel[..., 0])
    assert answer(nodes, (1, 4, 4, 3), kernel=kernel)[0] == pytest.approx(expected, abs=1e-3)


def test_resized_as_opencv_does_it() -> None:
    import cv2

    nodes = [node("ResizeBilinear", "out", "x", "size", half_pixel_centers={"b": True})]
    found = answer(nodes, (1, 12, 12, 3), size=whole([12, 12]))
    assert found[0] == pytest.approx(cv2.resize(X[0], (12, 12)), abs=1e-4)
    with pytest.raises(ModelError, match="other centres"):
        answer([node("ResizeBilinear", "out", "x", "size")], SHAPE, size=whole([12, 12]))


def test_halves_are_read_and_what_nothing_uses_is_left_out() -> None:
    nodes = [node("Mul", "out", "x", "half")]
    written, _ = graph(nodes, {"half": real([0.1]), "unused": real([7, 7])}, SHAPE)
    raw = json.loads(written)
    for weight in raw["weightsManifest"][0]["weights"]:
        weight["quantization"] = {"dtype": "float16"}
    model = onnx_model(json.dumps(raw).encode(), np.array([0.1, 7, 7], np.float16).tobytes())
    (kept,) = model.graph.initializer
    assert np.frombuffer(kept.raw_data, np.float32) == np.float32(np.float16(0.1))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(node("Erf", "out", "x"), "kind 'Erf'", id="unknown kind"),
        pytest.param(
            node("FloorDiv", "out", "x", "two", T={"type": "DT_FLOAT"}), "negative", id="no whole"
        ),
        pytest.param(
            node("FloorDiv", "out", INPUT, "two", T={"type": "DT_INT32"}), "negative", id="negative"
        ),
        pytest.param(
            node(
                "_FusedConv2D", "out", "x", "kernel",
                strides=ints(1, 1, 1, 1), padding=text("SAME"), dilations=ints(1, 2, 2, 1),
            ),
            "dilations",
            id="dilated",
        ),
        pytest.param(
            node(
                "_FusedConv2D", "out", "x", "kernel", "two",
                strides=ints(1, 1, 1, 1), padding=text("SAME"),
                fused_ops={"list": {"s": [text("BiasAdd")["s"], text("Elu")["s"]]}},
            ),
            "Elu",
            id="fused with something else",
        ),
        pytest.param(node("Squeeze", "out", "x"), "no axes", id="every axis of length one"),
        pytest.param(node("Sqrt", "out", "later"), "damaged", id="computed later"),
        pytest.param(node("Cast", "out", "x", DstT={"type": "DT_HALF"}), "damaged", id="half"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said(one: Node, reason: str) -> None:
    kernel = np.zeros((1, 1, 3, 3), np.float32)
    with pytest.raises(ModelError, match=reason):
        answer([one], SHAPE, two=whole(2), kernel=kernel)


def test_what_is_not_whole_is_said() -> None:
    written, weights = graph([node("Mul", "out", "x", "two")], {"two": real([2])}, SHAPE)
    assert onnx_model(written, weights)
    for damaged in (
        (written[:-9], weights),
        (b"{}", weights),
        (written, weights[:-1]),
        (written, weights + b"?"),
        (written.replace(b'"Mul"', b"[]"), weights),
    ):
        with pytest.raises(ModelError, match="damaged"):
            onnx_model(*damaged)
    with pytest.raises(ModelError, match="uint8"):
        onnx_model(written.replace(b'"float32"', b'"uint8"'), weights)
