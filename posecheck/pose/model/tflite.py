"""Networks of TensorFlow Lite as objects, changed, and back to bytes.

FlatBuffers (NumPy, 0.2 s) and MediaPipe's schemas (all of MediaPipe, 0.6 s) are imported where they
are used: a command that only asks where the model is need not wait for them.
"""

from __future__ import annotations

from typing import Any

_IDENTIFIER = b"TFL3"


def unpacked(network: bytes) -> Any:
    """A network as objects, to be changed; `packed` is the way back.

    Parameters
    ----------
    network : bytes

    Returns
    -------
    object
        The `ModelT` of TensorFlow Lite's schema.

    Raises
    ------
    ValueError, TypeError, struct.error
        It is damaged; not all damage shows here.
    """
    # 0.5 s, and only building a model needs it
    from mediapipe.tasks.metadata import schema_py_generated as schema  # noqa: PLC0415

    if not schema.Model.ModelBufferHasIdentifier(network, 0):
        raise ValueError("this is no network of TensorFlow Lite")
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(network, 0))


def packed(table: Any, identifier: bytes = _IDENTIFIER) -> bytes:
    """The bytes of a FlatBuffers table, by default of a network.

    Parameters
    ----------
    table : object
        Of a class that FlatBuffers generated, whose name ends in T.
    identifier : bytes
        Four, which say what the bytes are.

    Returns
    -------
    bytes
    """
    # 0.1 s, with NumPy, and only building a model needs it
    import flatbuffers  # noqa: PLC0415

    builder = flatbuffers.Builder(0)
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())


def with_normalisation(network: bytes, name: str, *, mean: float, std: float) -> bytes:
    """A network with the metadata that tells the Tasks API how to normalise its input.

    Parameters
    ----------
    network : bytes
        Without metadata.
    name : str
        What it is to call itself.
    mean, std : float
        Subtracted from each value of a picture, and what the rest is divided by.

    Returns
    -------
    bytes
        The network with a TFLITE_METADATA buffer.
    """
    # 0.5 s, and only building a model needs it
    from mediapipe.tasks.metadata import schema_py_generated as schema  # noqa: PLC0415

    model = unpacked(network)
    buffer = schema.BufferT()
    buffer.data = list(_metadata(name, mean, std))
    field = schema.MetadataT()
    field.name = "TFLITE_METADATA"
    field.buffer = len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), field]
    return packed(model)


def _metadata(name: str, mean: float, std: float) -> bytes:
    # 0.5 s, and only building a model needs it
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema  # noqa: PLC0415

    options = schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = options
    image = schema.ImagePropertiesT()
    image.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = image
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    model = schema.ModelMetadataT()
    model.name = name
    model.subgraphMetadata = [graph]
    return packed(model, b"M001")  # the identifier of the metadata schema


def without_mask(network: bytes) -> bytes:
    """A pose network without its part that draws the mask of the body.

    Parameters
    ----------
    network : bytes
        It computes landmarks and one mask.

    Returns
    -------
    bytes
        A network that computes the same landmarks; the one given where it has no such part.

    Raises
    ------
    ValueError, TypeError, LookupError, struct.error
        It is damaged.
    """
    model = unpacked(network)
    (graph,) = model.subgraphs
    masks = [k for k in graph.outputs if _is_picture(graph.tensors[k])]
    if len(masks) != 1:
        return network
    others = [k for k in graph.outputs if k not in masks]
    graph.operators = _needed_for(others, graph.operators)
    # MediaPipe counts the outputs; what it takes for the mask is not read.
    graph.outputs = [others[0] if k in masks else k for k in graph.outputs]
    return packed(model)


def _is_picture(tensor: Any) -> bool:
    """Whether a tensor is one picture in one colour."""
    return len(tensor.shape) == 4 and tensor.shape[-1] == 1


def _needed_for(tensors: list[int], operators: list[Any]) -> list[Any]:
    """The operators, in their order, without those from which none of the tensors is computed."""
    needed = set(tensors)
    kept = []
    for operator in reversed(operators):  # each comes after those that it needs
        if needed.intersection(operator.outputs):
            needed.update(operator.inputs)
            kept.append(operator)
    return kept[::-1]
