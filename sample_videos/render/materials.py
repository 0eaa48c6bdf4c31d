"""Blender materials: plain, speckled, skin, cloth and floors. All procedural."""

from __future__ import annotations

import bpy

from choices import Colour

REST = "rest"  # name of the vertex attribute that holds the rest position
COLOUR = "Col"  # name of the vertex attribute that holds the colour


class _Shader:
    """A material under construction."""

    def __init__(self, name: str, roughness: float, specular: float = 0.5) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.nodes = self.material.node_tree.nodes
        self.link = self.material.node_tree.links.new
        self.surface = self.nodes["Principled BSDF"]
        self.surface.inputs["Roughness"].default_value = roughness
        self.surface.inputs["Specular IOR Level"].default_value = specular

    def attribute(self, name: str, output: str):
        """A vertex attribute's output socket."""
        node = self.nodes.new("ShaderNodeAttribute")
        node.attribute_name = name
        return node.outputs[output]

    def coordinates(self, scale: tuple[float, float, float] | None = None):
        """Object coordinates in metres, stretched by `scale`."""
        socket = self.nodes.new("ShaderNodeTexCoord").outputs["Object"]
        if scale is None:
            return socket
        mapping = self.nodes.new("ShaderNodeMapping")
        mapping.inputs["Scale"].default_value = scale
        self.link(socket, mapping.inputs["Vector"])
        return mapping.outputs[0]

    def noise(self, where, scale: float, detail: float = 3.0):
        """Smooth noise around 0.5."""
        node = self.nodes.new("ShaderNodeTexNoise")
        node.inputs["Scale"].default_value = scale
        node.inputs["Detail"].default_value = detail
        self.link(where, node.inputs["Vector"])
        return node.outputs["Fac"]

    def remap(self, value, low: float, high: float, from_low: float = 0.0, from_high: float = 1.0):
        """Map a value's range linearly to another, clamped."""
        node = self.nodes.new("ShaderNodeMapRange")
        for name, number in (
            ("From Min", from_low), ("From Max", from_high), ("To Min", low), ("To Max", high)
        ):  # fmt: skip
            node.inputs[name].default_value = number
        self.link(value, node.inputs["Value"])
        return node.outputs[0]

    def mix(self, factor, first, second, kind: str = "MIX"):
        """Mix two colours; each is a socket or an RGB tuple, the factor a socket or a number."""
        node = self.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        node.blend_type = kind
        for socket, value in (
            (node.inputs[0], factor),
            (node.inputs[6], first),
            (node.inputs[7], second),
        ):
            if isinstance(value, bpy.types.NodeSocket):
                self.link(value, socket)
            else:
                socket.default_value = (*value, 1.0) if isinstance(value, (tuple, list)) else value
        return node.outputs[2]

    def colour(self, value) -> None:
        """Set the base colour to a socket or an RGB tuple."""
        socket = self.surface.inputs["Base Color"]
        if isinstance(value, bpy.types.NodeSocket):
            self.link(value, socket)
        else:
            socket.default_value = (*value, 1.0)

    def bump(self, height, strength: float, distance: float = 0.01) -> None:
        """Small relief."""
        node = self.nodes.new("ShaderNodeBump")
        node.inputs["Strength"].default_value = strength
        node.inputs["Distance"].default_value = distance
        self.link(height, node.inputs["Height"])
        self.link(node.outputs[0], self.surface.inputs["Normal"])


def plain(name: str, colour: Colour, roughness: float = 0.6) -> bpy.types.Material:
    """One colour."""
    shader = _Shader(name, roughness)
    shader.colour(colour)
    return shader.material


def speckled(
    name: str, colour: Colour, scale: float, amount: float, roughness: float = 0.85
) -> bpy.types.Material:
    """A colour made uneven by noise: plaster, fabric, carpet, a mat."""
    shader = _Shader(name, roughness, specular=0.3)
    noise = shader.noise(shader.coordinates(), scale)
    shade = shader.remap(noise, 1 - amount, 1 + amount, 0.25, 0.75)
    shader.colour(shader.mix(1.0, colour, shade, "MULTIPLY"))
    return shader.material


def skin(name: str = "skin") -> bpy.types.Material:
    """Vertex colours with slight blotches; dark and light skin shine alike."""
    shader = _Shader(name, roughness=0.5, specular=0.45)
    rest = shader.attribute(REST, "Vector")
    shade = shader.remap(shader.noise(rest, 35), 0.9, 1.1, 0.2, 0.8)
    shader.colour(shader.mix(1.0, shader.attribute(COLOUR, "Color"), shade, "MULTIPLY"))
    return shader.material


def eye(name: str = "eye") -> bpy.types.Material:
    """Wet, with vertex colours."""
    shader = _Shader(name, roughness=0.12, specular=0.6)
    shader.colour(shader.attribute(COLOUR, "Color"))
    return shader.material


def hair(name: str, colour: Colour) -> bpy.types.Material:
    """Strands as fine streaks of shade and relief."""
    shader = _Shader(name, roughness=0.5, specular=0.35)
    rest = shader.attribute(REST, "Vector")
    strands = shader.noise(rest, 240, detail=2)
    shader.colour(shader.mix(1.0, colour, shader.remap(strands, 0.45, 1.6, 0.25, 0.75), "MULTIPLY"))
    shader.bump(strands, 0.5)
    return shader.material


def cloth(name: str, colour: Colour, print_name: str, print_colour: Colour) -> bpy.types.Material:
    """Matt fabric with wrinkles as relief; the print is fixed to the rest body."""
    shader = _Shader(name, roughness=0.85, specular=0.25)
    rest = shader.attribute(REST, "Vector")
    base = colour
    if print_name == "stripes":
        wave = shader.nodes.new("ShaderNodeTexWave")
        wave.bands_direction = "Z"
        wave.inputs["Scale"].default_value = 9.0
        shader.link(rest, wave.inputs["Vector"])
        base = shader.mix(shader.remap(wave.outputs["Fac"], 0, 1, 0.6, 0.7), colour, print_colour)
    elif print_name == "blotches":
        pattern = shader.noise(rest, 14, detail=1)
        base = shader.mix(shader.remap(pattern, 0, 1, 0.52, 0.58), colour, print_colour)
    wrinkles = shader.noise(rest, 28)
    shader.colour(shader.mix(1.0, base, shader.remap(wrinkles, 0.88, 1.12, 0.2, 0.8), "MULTIPLY"))
    shader.bump(wrinkles, 0.4)
    return shader.material


def planks(name: str, light: Colour, dark: Colour) -> bpy.types.Material:
    """A wooden floor along x."""
    shader = _Shader(name, roughness=0.42)
    boards = _bricks(shader, (1.4, 0.13), 0.0022, light, dark, tuple(0.2 * c for c in dark))
    grain = shader.noise(shader.coordinates((1.5, 22, 1)), 2.5, detail=5)
    shader.colour(shader.mix(1.0, boards, shader.remap(grain, 0.6, 1.35), "MULTIPLY"))
    return shader.material


def tiles(name: str, colour: Colour, joint: Colour, size: float = 0.45) -> bpy.types.Material:
    """Square tiles, a little shiny."""
    shader = _Shader(name, roughness=0.3)
    darker = tuple(0.88 * c for c in colour)
    shader.colour(_bricks(shader, (size, size), 0.004, colour, darker, joint, offset=0.0))
    return shader.material


def _bricks(shader: _Shader, size, gap: float, first, second, joint, offset: float = 0.5):
    node = shader.nodes.new("ShaderNodeTexBrick")
    node.offset = offset
    node.inputs["Scale"].default_value = 1.0
    node.inputs["Brick Width"].default_value, node.inputs["Row Height"].default_value = size
    node.inputs["Mortar Size"].default_value = gap
    for key, colour in (("Color1", first), ("Color2", second), ("Mortar", joint)):
        node.inputs[key].default_value = (*colour, 1.0)
    shader.link(shader.coordinates(), node.inputs["Vector"])
    return node.outputs["Color"]


def glowing(name: str, colour: Colour, strength: float) -> bpy.types.Material:
    """A window pane or a lamp shade."""
    shader = _Shader(name, roughness=1.0)
    shader.colour((0.0, 0.0, 0.0))
    shader.surface.inputs["Emission Color"].default_value = (*colour, 1.0)
    shader.surface.inputs["Emission Strength"].default_value = strength
    return shader.material
