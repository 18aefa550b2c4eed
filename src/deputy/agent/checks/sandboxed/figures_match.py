"""The figures in the PDF's text equal a recomputation from the source."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.recomputation import Expected, Figure, recompute
from deputy.agent.checks.sandboxed.verdicts import FailedError, must

NAME = "pdf.figures_match"
TITLE = "The figures in the PDF agree with the source, computed by a second route"
LIMITS = "what charts draw, nor what the words make of the figures"
KIND = "recomputes"
CONTENT = True
NEEDS = ("plan",)
APPLIES_TO = (".pdf",)
TAKES = (
    "plan: as for table.totals_reconcile. The text gives the total, and each group's name followed "
    "by its figure."
)
GROUPS_SHOWN_MIN = 3
NAME_LETTERS = 24
SHOWN_MAX = 3
MARK = r"[^\d+−.,A-Za-z-]{0,4}"  # a currency sign between sign and digits
UNIT = r"[^\d+−-]{0,16}?"  # a unit after the digits and the space to the next figure
HALF = 1e-9  # a figure on the edge between two roundings may be written either way


def check(target: Path, params: dict[str, Any]) -> str:
    """Look for the total and for each group's line: name, figures, change and growth in a row."""
    plan = must(params, "plan")
    expected = recompute(plan)
    text = _text(target)
    wrong = [] if _headline(text, expected.total) else [
        f"the total {_shown(expected.total)} is not in the text"]  # fmt: skip
    found = 0
    for name, figure in expected.groups.items():
        if not _listed(text, name):
            continue
        found += 1
        if not any(re.search(form, text) for form in (_line(name, figure), _named(name, figure))):
            wrong.append(f"{name}: the source gives {_shown(figure)}, the text does not")
    if found < min(len(expected.groups), GROUPS_SHOWN_MIN):
        wrong.append(f"only {found} of {len(expected.groups)} groups appear with figures")
    wrong += _ranking(plan, expected, text)
    if wrong:
        more = f"; and {len(wrong) - SHOWN_MAX} more" if len(wrong) > SHOWN_MAX else ""
        raise FailedError("; ".join(wrong[:SHOWN_MAX]) + more + ".")
    return (f"The total ({_shown(expected.total)}) and {found} groups in the text equal a "
            f"recomputation from {expected.rows:,} source rows.")  # fmt: skip


def _text(target: Path) -> str:
    """Give the text in reading order, with one blank for any white space."""
    import pypdfium2

    document = pypdfium2.PdfDocument(target)
    pages = [document[at].get_textpage().get_text_bounded() for at in range(len(document))]
    plain = " ".join(pages).replace("\u00ad", "").replace("\u2010", "-").replace("\ufffe", "-")
    return re.sub(r"\s+", " ", plain)


def _spelled(name: str) -> str:
    """Give a pattern of a name: blanks may fall anywhere, a long one may be cut."""
    letters = re.sub(r"\s", "", name)[:NAME_LETTERS]
    return r"\s?".join(re.escape(letter) for letter in letters)


def _headline(text: str, total: Figure) -> bool:
    """The total stands in the text; with a comparison its growth does too."""
    if total.value is None:
        return True
    value = re.search(rf"(?<![\d.,]){_number(total.value)}(?![\d])", text)
    growth = total.growth is None or re.search(_percent(total.growth, signed=False), text)
    return bool(value and growth)


def _listed(text: str, name: str) -> bool:
    """Whether the name is followed by a figure somewhere, as in a table or a chart."""
    return bool(re.search(rf"(?<!\w){_spelled(name)}\D{{0,30}}\d", text))


def _line(name: str, figure: Figure) -> str:
    """Give the pattern of a table line: name, value, and where known compare, change, growth."""
    rest = r"[^\d−]{0,40}?" if len(name) > NAME_LETTERS - 6 else r"[^\w−]{0,4}?"
    parts = [r"(?<!\w)" + _spelled(name) + rest, _number(figure.value)]
    if figure.compare is not None:
        parts += [UNIT, _number(figure.compare), UNIT, _number(figure.change, signed=True), UNIT]
        parts.append(_percent(figure.growth) if figure.growth is not None else r"(?:new|n/a)")
    return "".join(parts)


def _named(name: str, figure: Figure) -> str:
    """Give the pattern of a group named in the ranking: name, then what became what."""
    start = r"(?<!\w)" + _spelled(name) + r"[^\d−]{0,40}?"
    if figure.compare is None:
        share = r"(?:[\d.]+\s?% of the total\W{0,4})?"
        return start + share + _number(figure.value)
    return start + _number(figure.compare) + UNIT + "→" + r"\s?" + _number(figure.value)


def _ranking(plan: dict[str, Any], expected: Expected, text: str) -> list[str]:
    """The groups that lead by the ranked figure stand in the text in their order."""
    if not plan["rank"] or not expected.groups:
        return []
    by = plan["rank"]["by"] if plan["compare"] else "value"
    by = "value" if by == "share" else by
    known = [(getattr(figure, by), name) for name, figure in expected.groups.items()
             if getattr(figure, by) is not None]  # fmt: skip
    known.sort(key=lambda pair: pair[0], reverse=plan["rank"]["order"] == "desc")
    leaders = known[: min(plan["rank"]["top"], 5)]
    if len({round(value, 9) for value, _ in leaders}) < len(leaders):
        return []  # equal figures may stand in any order
    named = [
        rf"(?<!\w){place}\s{_spelled(name)}" for place, (_, name) in enumerate(leaders, start=1)
    ]
    if re.search(".*?".join(named), text, re.DOTALL):
        return []
    return ["the ranking does not read " + ", ".join(name for _, name in leaders)]


def _number(value: float | None, signed: bool = False) -> str:
    """Give a pattern of a figure in the usual roundings, also as a percentage."""
    if value is None:
        return "n/a"
    forms = _roundings(value, (0, 1, 2))
    if abs(value) <= 1 and value != round(value):
        forms = _roundings(value, (2,)) | _roundings(value * 100, (1,))
    nought = any(not form.strip("0.,") for form in forms)
    sign = "[-−]" if value < 0 else r"\+" if signed else ""
    sign += "?" if sign and nought else ""
    return (
        rf"{sign}{MARK}(?:{'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})(?!\d)"
    )


def _roundings(value: float, decimals: tuple[int, ...]) -> set[str]:
    size = abs(value)
    edges = (size * (1 - HALF), size, size * (1 + HALF))
    return {f"{edge:,.{digits}f}" for edge in edges for digits in decimals}


def _percent(value: float, signed: bool = True) -> str:
    forms = _roundings(value * 100, (1,))
    nought = any(not form.strip("0.,") for form in forms)
    sign = "" if not signed else r"[-−]" if value < 0 else r"\+"
    sign += "?" if sign and nought else ""
    return rf"{sign}(?:{'|'.join(map(re.escape, forms))})\s?%"


def _shown(figure: Figure) -> str:
    value = "nothing" if figure.value is None else f"{figure.value:,.2f}"
    growth = "" if figure.growth is None else f", growth {figure.growth:+.1%}"
    return value + growth
