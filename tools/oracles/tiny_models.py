"""The tiny models whose continuations are the oracles: metadata and random tensors by architecture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gguf
import numpy as np

CONTEXT = 512
PIECES = ["▁", "e", "t", "a", "o", "n", "▁t", "he", "▁the", "in", "▁a", "re", "er", "on", "an", "▁s", "is", "it", "ou", "▁w", "ing", "nd", "▁and",
          "es", "▁th", "at", "en", "or", "▁of"]


@dataclass(frozen=True)
class Shape:
    """A tiny model. `extra` holds metadata below the architecture's name."""

    architecture: str
    layers: int = 3
    model: int = 48
    feed_forward: int = 64
    heads: int = 3
    kv_heads: int = 1
    head: int = 16
    experts: int = 0
    experts_used: int = 0
    tied: bool = False
    biases: bool = False
    fused: bool = False
    post_norms: bool = False
    head_norms: bool = False
    rope: int = 0  # dimensions that turn; 0: all
    factors: dict[str, list[float]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def rope_dimensions(self) -> int:
        return self.rope or self.head


def metadata(name: str, shape: Shape) -> dict[str, Any]:
    """The file's metadata, as llama.cpp's converters write it."""
    values: dict[str, Any] = {
        "context_length": CONTEXT,
        "embedding_length": shape.model,
        "block_count": shape.layers,
        "feed_forward_length": shape.feed_forward,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.kv_heads,
        "attention.key_length": shape.head,
        "attention.value_length": shape.head,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.dimension_count": shape.rope_dimensions,
        "rope.freq_base": 10000.0,
    }
    if shape.experts:
        values |= {"expert_count": shape.experts, "expert_used_count": shape.experts_used}
    values |= shape.extra
    # llama.cpp wants Phi's special tokens from every file with "phi3" in its name.
    head = {"general.architecture": shape.architecture, "general.name": name.replace("phi3", "phi"), "general.file_type": 0}
    return head | {f"{shape.architecture}.{key}": value for key, value in values.items()} | gguf.sentencepiece(PIECES)


def tensors(shape: Shape, seed: int) -> dict[str, np.ndarray]:
    """Random weights. Attention is sharp, and what the blocks add drowns the embeddings: else a model with tied ones repeats its last token."""
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int, gain: float = 1.0, *leading: int) -> np.ndarray:
        return (random.standard_normal((*leading, rows, columns)) * gain / np.sqrt(columns)).astype(np.float32)

    def norm(size: int, gain: float = 1.0) -> np.ndarray:
        return (gain * (1 + 0.2 * random.standard_normal(size))).astype(np.float32)

    vocabulary = len(gguf.sentencepiece(PIECES)["tokenizer.ggml.tokens"])
    result = {"token_embd.weight": matrix(vocabulary, shape.model, 8.0 if shape.tied else np.sqrt(shape.model))}
    for name, values in shape.factors.items():
        result[name] = np.array(values, dtype=np.float32)
    for layer in range(shape.layers):
        result |= {f"blk.{layer}.{key}": value for key, value in _layer(shape, matrix, norm).items()}
    result["output_norm.weight"] = norm(shape.model)
    if not shape.tied:
        result["output.weight"] = matrix(vocabulary, shape.model, 8.0)
    return result


def _layer(shape: Shape, matrix: Any, norm: Any) -> dict[str, np.ndarray]:
    query, kv = shape.heads * shape.head, shape.kv_heads * shape.head
    parts: dict[str, np.ndarray] = {"attn_norm.weight": norm(shape.model)}
    if shape.fused:
        parts["attn_qkv.weight"] = matrix(query + 2 * kv, shape.model, 1.6)
    else:
        parts |= {"attn_q.weight": matrix(query, shape.model, 1.6), "attn_k.weight": matrix(kv, shape.model, 1.6), "attn_v.weight": matrix(kv, shape.model, 1.6)}
    parts["attn_output.weight"] = matrix(shape.model, query, _out_gain(shape))
    if shape.head_norms:
        parts |= {"attn_q_norm.weight": norm(shape.head, 1.5), "attn_k_norm.weight": norm(shape.head, 1.5)}
    parts["ffn_norm.weight"] = norm(shape.model)
    parts |= _feed_forward(shape, matrix)
    if shape.post_norms:
        parts |= {"post_attention_norm.weight": norm(shape.model, 20.0), "post_ffw_norm.weight": norm(shape.model, 20.0)}
    if shape.biases:
        sizes = {"attn_q": query, "attn_k": kv, "attn_v": kv, "attn_output": shape.model,
                 "ffn_gate": shape.feed_forward, "ffn_up": shape.feed_forward, "ffn_down": shape.model}
        parts |= {f"{name}.bias": matrix(1, size, np.sqrt(size) / 2)[0] for name, size in sizes.items()}
    return parts


def _feed_forward(shape: Shape, matrix: Any) -> dict[str, np.ndarray]:
    model, size = shape.model, shape.feed_forward
    if shape.experts:
        size = shape.extra.get("expert_feed_forward_length", size)
        return {
            "ffn_gate_inp.weight": matrix(shape.experts, model, 1.6),
            "ffn_gate_exps.weight": matrix(size, model, 1.6, shape.experts),
            "ffn_up_exps.weight": matrix(size, model, 1.6, shape.experts),
            "ffn_down_exps.weight": matrix(model, size, 1.6, shape.experts),
        }
    down = {"ffn_down.weight": matrix(model, size, _out_gain(shape))}
    if shape.fused:
        return {"ffn_up.weight": matrix(2 * size, model, 1.6)} | down
    return {"ffn_gate.weight": matrix(size, model, 1.6), "ffn_up.weight": matrix(size, model, 1.6)} | down


def _out_gain(shape: Shape) -> float:
    return 5.0 if shape.tied else 1.6


def llama3_factors(head: int, base: float, factor: float, low: float, high: float, original: int) -> list[float]:
    """Llama 3.1's divisors of the frequencies: none above `high` turns in the original context, `factor` below `low`, a ramp between."""
    wavelengths = 2 * np.pi * base ** (np.arange(0, head, 2) / head)
    smooth = np.clip((original / wavelengths - low) / (high - low), 0, 1)
    return list(1 / ((1 - smooth) / factor + smooth))


ARCHITECTURES: dict[str, Shape] = {
    "gemma2-tiny-F32": Shape("gemma2", layers=4, model=40, feed_forward=48, heads=2, kv_heads=1, head=20, tied=True, post_norms=True, extra={
        "attention.sliding_window": 8, "attn_logit_softcapping": 6.0, "final_logit_softcapping": 30.0}),
    "gemma3-tiny-F32": Shape("gemma3", layers=8, model=32, feed_forward=40, heads=2, kv_heads=1, head=16, tied=True, post_norms=True, head_norms=True, extra={
        "attention.sliding_window": 8, "rope.freq_base": 1000000.0, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0}),
    "phi3-tiny-F32": Shape("phi3", fused=True, kv_heads=3, extra={"attention.sliding_window": 2047}),
    "phi3-tiny-F32-longrope": Shape("phi3", fused=True, model=40, heads=2, kv_heads=1, head=20, rope=16, factors={
        "rope_factors_long.weight": [1.1, 1.4, 2.0, 3.1, 5.0, 8.0, 12.5, 19.0], "rope_factors_short.weight": [1.0, 1.05, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2]},
        extra={"rope.scaling.original_context_length": 64, "rope.scaling.attn_factor": 1.19}),
    "mixtral-tiny-F32": Shape("llama", model=32, feed_forward=40, heads=4, kv_heads=2, head=8, experts=4, experts_used=2),
    "qwen3moe-tiny-F32": Shape("qwen3moe", model=32, feed_forward=96, heads=3, kv_heads=1, head=16, experts=8, experts_used=3, head_norms=True, extra={
        "expert_feed_forward_length": 24, "rope.freq_base": 1000000.0}),
    "llama-tiny-F32-yarn": Shape("llama", extra={
        "context_length": 8192, "rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 2048}),
    "llama-tiny-F32-linear-biases": Shape("llama", biases=True, extra={"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}),
    "llama31-tiny-F32": Shape("llama", tied=True, heads=4, kv_heads=2, head=24, factors={
        "rope_freqs.weight": llama3_factors(24, 500000.0, 8.0, 1.0, 4.0, 64)}, extra={"rope.freq_base": 500000.0}),
}

# One model for types of blocks of 32, one for those of 256; llama.cpp quantises them.
SMALL = Shape("llama", layers=2, model=64, feed_forward=96, heads=2, kv_heads=1, head=32, tied=True)
WIDE = Shape("llama", layers=1, model=256, feed_forward=256, heads=4, kv_heads=1, head=64, tied=True)
TYPES: dict[str, Shape] = {
    **{name: SMALL for name in ("F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "MXFP4")},
    **{name: WIDE for name in ("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS")},
}
