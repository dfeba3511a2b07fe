"""Recompute the expected ids of token-ids.json with llama.cpp, through bench/peer (see its README for the library).

Run in this folder. The texts and the list of cases stay as they are in the file; a case names its vocabulary (a vocabulary-*.json here,
or the shipped model's, the `shipped` one), what is changed in it, and whether names of special tokens are parsed.
"""

import json
import struct
import subprocess
import tempfile
from pathlib import Path

IDS = Path("token-ids.json")
SHIPPED = Path("../../../models/winnow-target-q8_0.gguf")
PEER = Path("../../../bench/peer")
SEPARATOR = "__next_text__"
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9


def read_pairs(path):
    """The key-value pairs of a GGUF file: key to (type, value), arrays as (element type, values)."""
    with path.open("rb") as file:
        def scalar(kind):
            size = struct.calcsize(SCALARS[kind])
            return struct.unpack(SCALARS[kind], file.read(size))[0]

        def value(kind):
            if kind == STRING:
                return file.read(scalar(10)).decode("utf-8")
            if kind == ARRAY:
                element = scalar(4)
                return element, [value(element) for _ in range(scalar(10))]
            return scalar(kind)

        file.read(16)
        pairs = {}
        for _ in range(scalar(10)):
            key = value(STRING)
            kind = scalar(4)
            pairs[key] = (kind, value(kind))
        return pairs


def pack(kind, value):
    if kind == STRING:
        text = value.encode("utf-8")
        return struct.pack("<Q", len(text)) + text
    if kind == ARRAY:
        element, values = value
        return struct.pack("<IQ", element, len(values)) + b"".join(pack(element, item) for item in values)
    return struct.pack(SCALARS[kind], value)


def write_pairs(path, pairs):
    body = b"".join(pack(STRING, key) + struct.pack("<I", kind) + pack(kind, value) for key, (kind, value) in pairs.items())
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + body)


def vocabulary(name):
    """The pairs of a vocabulary; a model without tensors is enough for llama.cpp to tokenise."""
    if name == "shipped":
        return read_pairs(SHIPPED)
    data = json.loads(Path(f"vocabulary-{name}.json").read_text(encoding="utf-8"))
    architecture = {"llama": "llama", "bert": "bert"}[data["model"]]
    pairs = {"general.architecture": (STRING, architecture), "general.name": (STRING, name)}
    for key, value in {"context_length": 64, "embedding_length": 32, "block_count": 1, "feed_forward_length": 32, "attention.head_count": 1}.items():
        pairs[f"{architecture}.{key}"] = (4, value)
    for key in ("layer_norm_epsilon", "layer_norm_rms_epsilon"):
        pairs[f"{architecture}.attention.{key}"] = (6, 1e-5)
    pairs["bert.attention.causal"] = (7, False)
    pairs["tokenizer.ggml.model"] = (STRING, data["model"])
    pairs["tokenizer.ggml.tokens"] = (ARRAY, (STRING, data["tokens"]))
    pairs["tokenizer.ggml.token_type"] = (ARRAY, (5, data["types"]))
    if "scores" in data:
        pairs["tokenizer.ggml.scores"] = (ARRAY, (6, data["scores"]))
    for role, token in data["special"].items():
        pairs[f"tokenizer.ggml.{role}_token_id"] = (4, token)
    return pairs


def main():
    data = json.loads(IDS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "vocabulary.gguf")
        for case in data["cases"]:
            pairs = vocabulary(case["vocabulary"])
            for key, value in case["changes"].items():
                pairs[key] = (STRING if isinstance(value, str) else 7, value)
            write_pairs(model, pairs)
            command = ["dotnet", "run", "-c", "Release", "--project", str(PEER), "--", "tokenize", "--model", str(model), "--add-special", "--separator", SEPARATOR]
            if case["parseSpecial"]:
                command.append("--parse-special")
            text = f"\n{SEPARATOR}\n".join(data["texts"]) + "\n"
            answer = subprocess.run(command, input=text.encode("utf-8"), stdout=subprocess.PIPE, check=True).stdout
            case["ids"] = json.loads(answer)
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(data[key], ensure_ascii=True)}" for key in ("how", "texts"))
    cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in data["cases"])
    IDS.write_text(f"{{{head},\n\"cases\": [\n{cases}\n]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
