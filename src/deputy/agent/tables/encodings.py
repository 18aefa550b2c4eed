"""Which encoding the bytes of a text table are in.

Owns this one guess. Must never change a byte: what no encoding reads is refused elsewhere.
"""

from __future__ import annotations

import re
import unicodedata

LATIN, DOS, MAC = "cp1252", "cp850", "mac_roman"
LEGACY = (LATIN, DOS, MAC, "cp1251", "gb18030", "shift_jis", "euc_kr", "big5")
MARKED = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)  # fmt: skip
SAMPLE_BYTES = 400_000
JUDGED_CHARACTERS_MAX = 4_000
ALONE = 1.5  # what a currency sign that is no part of a word speaks for an encoding
WIDE_SHARE = 0.3  # of zero bytes in one half of the pairs: text of two bytes a character
RUN = re.compile(r"[^\x00-\x7f]+")


def encoding_of(raw: bytes) -> str:
    """Name the encoding: by its mark, as UTF-8 when it is, else the most plausible old one."""
    for mark, name in MARKED:
        if raw.startswith(mark):
            return name
    if (wide := _unmarked_wide(raw[:SAMPLE_BYTES])) is not None and decodes(raw, wide):
        return wide
    if decodes(raw, "utf-8"):
        return "utf-8-sig"
    found = [name for name in LEGACY if decodes(raw, name)]
    if not found:
        return "latin-1"
    sample = _odd_lines(raw)
    scores = {name: _plausible(sample.decode(name, "replace"), name) for name in found}
    return max(found, key=lambda name: (scores[name], -LEGACY.index(name)))


def decodes(raw: bytes, encoding: str) -> bool:
    """Whether every byte is text in this encoding."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_wide(raw: bytes) -> str | None:
    """Tell UTF-16 without a mark by the zero bytes in one half of the pairs."""
    pairs = len(raw) // 2
    if pairs and raw[1::2].count(0) > WIDE_SHARE * pairs and raw[::2].count(0) == 0:
        return "utf-16-le"
    if pairs and raw[::2].count(0) > WIDE_SHARE * pairs and raw[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _odd_lines(raw: bytes) -> bytes:
    """Give the lines that hold more than ASCII, as many as are worth judging."""
    odd, size = [], 0
    for line in raw.splitlines(keepends=True):
        if not line.isascii():
            odd.append(line)
            size += len(line)
        if size > SAMPLE_BYTES:
            break
    return b"".join(odd)


def _plausible(text: str, name: str) -> float:
    """Judge how much a decoded text looks like writing, by each character and its neighbours."""
    total = judged = 0.0
    for run in RUN.finditer(text):
        before = text[run.start() - 1] if run.start() else " "
        after = text[run.end()] if run.end() < len(text) else " "
        total += _of_run(run[0], before, after)
        total += ALONE * _is_currency(run[0], before, after)
        total += 0.3 * sum(0x3040 <= ord(c) < 0x3100 for c in run[0])  # kana
        if name == "gb18030":
            total -= sum(len(c.encode("gb2312", "ignore")) == 0 for c in run[0])
        judged += len(run[0])
        if judged > JUDGED_CHARACTERS_MAX:
            break
    return total / judged if judged else 0.0


def _of_run(run: str, before: str, after: str) -> float:
    kinds = [unicodedata.category(c) for c in run]
    letters = sum(kind[0] in "LM" for kind in kinds)
    score = float(letters) - 5.0 * sum(kind in {"Cc", "Cn", "Co"} for kind in kinds)
    foreign = sum(ord(c) >= 0x370 and kind[0] == "L" for c, kind in zip(run, kinds, strict=True))
    if letters and (before.isdigit() or after.isdigit()):
        score -= 2.0
    if foreign:
        inside = before.isascii() and before.isalpha(), after.isascii() and after.isalpha()
        score += (0.1 * foreign if foreign > 1 else -0.5) - 1.5 * sum(inside)
        rare = sum(unicodedata.name(c, "").startswith("CJK COMPAT") for c in run)
        score -= 2.0 * rare
    elif letters > 2:
        score -= 1.0 * letters
    pairs = zip(before + run, run + after, strict=True)
    score -= sum(low.islower() and up.isupper() for low, up in pairs)
    return score + _of_signs(run, before, after)


def _is_currency(run: str, before: str, after: str) -> bool:
    """Whether a sign of a currency stands by itself, as beside an amount or in a heading."""
    return run.strip("\u00a0") in {"€", "£"} and not before.isalpha() and not after.isalpha()


def _of_signs(run: str, before: str, after: str) -> float:
    """Signs stand between words, not inside them; the apostrophe alone may."""
    inside = before.isalpha() and after.isalpha()
    usual = sum(c in "€£¥§©®°–—‘’“”…«»·½\u00a0" for c in run)
    other = sum(not c.isalpha() for c in run) - usual
    apart = inside and not any(c in "’–—" for c in run)
    return 0.5 * usual - 1.0 * other - (1.5 * (usual + other) if apart else 0.0)
