"""Write and read GGUF version 3: metadata, and tensors as F32, F16 or Q8_0."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO, Iterable, Sequence

import numpy as np

ALIGNMENT = 32
F32, F16, Q8_0 = 0, 1, 8
_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", (32,))])
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
_FORMATS = {_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f", _BOOL: "<?"}


def quantise(array: np.ndarray) -> np.ndarray:
    """Blocks of 32 values: scale = largest magnitude / 127, halves rounded away from zero."""
    if array.shape[-1] % 32:
        raise ValueError(f"Q8_0 needs rows of a multiple of 32, not {array.shape[-1]}")
    groups = array.astype(np.float32).reshape(-1, 32)
    scale = np.abs(groups).max(axis=1, keepdims=True) / np.float32(127)
    scaled = groups * np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    blocks = np.empty(len(groups), dtype=_BLOCK)
    blocks["scale"] = scale[:, 0]
    blocks["values"] = np.trunc(scaled + np.copysign(np.float32(0.5), scaled))
    return blocks


def _encode(array: np.ndarray, kind: int) -> bytes:
    if kind == Q8_0:
        return quantise(array).tobytes()
    return array.astype("<f4" if kind == F32 else "<f2").tobytes()


def _decode(data: memoryview, offset: int, shape: Sequence[int], kind: int) -> np.ndarray:
    count = int(np.prod(shape))
    if kind == Q8_0:
        blocks = np.frombuffer(data, dtype=_BLOCK, count=count // 32, offset=offset)
        values = blocks["scale"].astype(np.float32)[:, None] * blocks["values"]
    elif kind in (F32, F16):
        values = np.frombuffer(data, dtype="<f4" if kind == F32 else "<f2", count=count, offset=offset)
    else:
        raise ValueError(f"tensor type {kind} is none of F32, F16, Q8_0")
    return values.astype(np.float32).reshape(shape)


def _string(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _kind(value: Any) -> int:
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int):
        return _UINT32
    return _FLOAT32 if isinstance(value, float) else _STRING


def _value(value: Any) -> bytes:
    """Type and value: bool, int (uint32), float, str, or a list of str, of float or of int (int32)."""
    if isinstance(value, list):
        kind = {str: _STRING, float: _FLOAT32}.get(type(value[0]), _INT32)
        items = (_string(item) if kind == _STRING else struct.pack(_FORMATS[kind], item) for item in value)
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + b"".join(items)
    kind = _kind(value)
    return struct.pack("<I", kind) + (_string(value) if kind == _STRING else struct.pack(_FORMATS[kind], value))


def sentencepiece(pieces: list[str]) -> dict[str, Any]:
    """Metadata of a SentencePiece vocabulary: three specials, the 256 bytes, then the pieces with falling scores."""
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + pieces
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0.0] * 259 + [-float(rank) for rank in range(len(pieces))],
        "tokenizer.ggml.token_type": [2, 3, 3] + [6] * 256 + [1] * len(pieces),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_eos_token": False,
    }


def _padding(length: int) -> bytes:
    return b"\0" * (-length % ALIGNMENT)


def write(path: Path, metadata: dict[str, Any], tensors: dict[str, np.ndarray], matrix_kind: int) -> None:
    """Write a file: matrices as `matrix_kind`, vectors as F32."""
    kinds = {name: matrix_kind if array.ndim >= 2 else F32 for name, array in tensors.items()}
    bodies = {name: _encode(array, kinds[name]) for name, array in tensors.items()}
    write_raw(path, metadata, [(name, array.shape, kinds[name], len(bodies[name]), [bodies[name]]) for name, array in tensors.items()])


def write_raw(path: Path, metadata: dict[str, Any], tensors: Sequence[tuple[str, Sequence[int], int, int, Iterable[bytes]]]) -> None:
    """Write a file of tensors given as name, shape, type, bytes and their content in pieces, which are asked for one after the other."""
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    header += b"".join(_string(key) + _value(value) for key, value in metadata.items())
    offset = 0
    for name, shape, kind, size, _ in tensors:
        sizes = shape[::-1]  # GGUF lists the fastest dimension first
        header += _string(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)
        offset += size + len(_padding(size))
    with path.open("wb") as file:
        file.write(header + _padding(len(header)))
        for _, _, _, size, pieces in tensors:
            for piece in pieces:
                file.write(piece)
            file.write(_padding(size))


def _unpack(file: BinaryIO, layout: str) -> Any:
    values = struct.unpack(layout, file.read(struct.calcsize(layout)))
    return values[0] if len(values) == 1 else values


def _read_value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return file.read(_unpack(file, "<Q")).decode("utf-8")
    if kind == _ARRAY:
        item_kind, count = _unpack(file, "<IQ")
        return [_read_value(file, item_kind) for _ in range(count)]
    if kind not in _FORMATS:
        raise ValueError(f"metadata type {kind} is not one that `write` uses")
    return _unpack(file, _FORMATS[kind])


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Metadata and tensors (as float32) of a file that `write` wrote."""
    data = memoryview(path.read_bytes())
    with path.open("rb") as file:
        magic, version, tensor_count, key_count = _unpack(file, "<4sIQQ")
        if (magic, version) != (b"GGUF", 3):
            raise ValueError(f"{path} is not GGUF version 3")
        metadata = {}
        for _ in range(key_count):
            key = _read_value(file, _STRING)
            metadata[key] = _read_value(file, _unpack(file, "<I"))
        infos = []
        for _ in range(tensor_count):
            name, rank = _read_value(file, _STRING), _unpack(file, "<I")
            shape = [_unpack(file, "<Q") for _ in range(rank)][::-1]
            infos.append((name, shape, *_unpack(file, "<IQ")))
        start = file.tell() + len(_padding(file.tell()))
    return metadata, {name: _decode(data, start + offset, shape, kind) for name, shape, kind, offset in infos}
