"""Networks of TensorFlow Lite as objects, and back to bytes.

What is imported inside of functions loads all of MediaPipe.
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
    from mediapipe.tasks.metadata import schema_py_generated as schema

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
    import flatbuffers

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
    from mediapipe.tasks.metadata import schema_py_generated as schema

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
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

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
