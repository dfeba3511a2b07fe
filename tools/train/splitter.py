"""The qwen2 pre-tokeniser, exact to this pattern, which Python's `re` cannot express (it lacks \\p classes):

    (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*
    |\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+

Text is not normalised, and the contractions match ASCII letters only, as in llama.cpp.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_CONTRACTIONS = ("s", "t", "re", "ve", "m", "ll", "d")
_WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@lru_cache(maxsize=None)
def _kind(char: str) -> str:
    """The class of one character: L(etter), N(umber), S(pace) or P (anything else)."""
    if char in _WHITE_SPACE:
        return "S"
    category = unicodedata.category(char)[0]
    return category if category in "LN" else "P"


def _contraction(text: str, start: int) -> int:
    """Length of the contraction that begins at `start`, or 0."""
    for tail in _CONTRACTIONS:
        candidate = text[start + 1 : start + 1 + len(tail)]
        if candidate.isascii() and candidate.lower() == tail:
            return 1 + len(tail)
    return 0


def _run(text: str, start: int, kind: str) -> int:
    """End of the run of characters of one class that begins at `start`."""
    end = start
    while end < len(text) and _kind(text[end]) == kind:
        end += 1
    return end


def _space_end(text: str, start: int) -> int:
    """End of a whitespace piece: up to the last newline, else all but the space that leads the next word."""
    end = _run(text, start, "S")
    last_newline = max(text.rfind("\n", start, end), text.rfind("\r", start, end))
    if last_newline >= 0:
        return last_newline + 1
    return end if end == len(text) or end - start == 1 else end - 1


def _piece_end(text: str, start: int) -> int:
    """End of the pre-token that begins at `start`: the pattern's alternatives, in its order."""
    char, kind = text[start], _kind(text[start])
    if char == "'" and (length := _contraction(text, start)):
        return start + length
    if kind == "L":
        return _run(text, start, "L")
    if kind == "N":
        return start + 1
    following = _kind(text[start + 1]) if start + 1 < len(text) else ""
    if char not in "\r\n" and following == "L":
        return _run(text, start + 1, "L")
    if kind == "P" or (char == " " and following == "P"):
        end = _run(text, start + (char == " "), "P")
        while end < len(text) and text[end] in "\r\n":
            end += 1
        return end
    return _space_end(text, start)


def split(text: str) -> list[str]:
    """Cut text into pre-tokens; joined again they give the text back."""
    pieces, start = [], 0
    while start < len(text):
        end = _piece_end(text, start)
        pieces.append(text[start:end])
        start = end
    return pieces
