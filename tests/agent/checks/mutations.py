"""Changes a delivered file so that a check must, or must not, notice.

Owns the edits, made on the parts of the file itself so that no library repairs them. Must never
know what the checks look for.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

Edit = Callable[[str], str]


def edit_part(path: Path, part: str, edit: Edit) -> None:
    """Rewrite one text part of a workbook; the edit must change something."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[part].decode()
    after = edit(before)
    assert after != before, f"the edit of {part} changed nothing"
    parts[part] = after.encode()
    pack(path, parts)


def pack(path: Path, parts: dict[str, bytes]) -> None:
    """Write a workbook from its parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)


def stored_value(cell: str, value: str) -> Edit:
    """Change the value stored in a cell, formula and style untouched."""
    pattern = re.compile(rf'(<c r="{cell}"[^>]*>(?:<f>[^<]*</f>)?<v>)[^<]*(</v>)')
    return lambda xml: pattern.sub(rf"\g<1>{value}\g<2>", xml)


def without_formula(cell: str, value: str) -> Edit:
    """Put a plain number where a formula stood."""
    pattern = re.compile(rf'(<c r="{cell}"[^>]*>)<f>[^<]*</f><v>[^<]*</v>')
    return lambda xml: pattern.sub(rf"\g<1><v>{value}</v>", xml)


def error_cell(cell: str) -> Edit:
    """Put a division by zero where a value stood."""
    pattern = re.compile(rf'<c r="{cell}"( s="\d+")?[^>]*>.*?</c>')
    return lambda xml: pattern.sub(rf'<c r="{cell}"\1 t="e"><v>#DIV/0!</v></c>', xml, count=1)


def without_row(number: int) -> Edit:
    """Empty one row of a sheet."""
    pattern = re.compile(rf'<row r="{number}"[^>]*>.*?</row>')
    return lambda xml: pattern.sub("", xml)


def replaced(old: str, new: str, count: int = -1) -> Edit:
    """Replace a text."""
    return lambda xml: xml.replace(old, new, count)


def restyle(path: Path) -> None:
    """Make an equivalent copy: other fonts, sheets in another order, parts packed otherwise."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in reversed(archive.namelist())}
    styles = parts["xl/styles.xml"].decode()
    parts["xl/styles.xml"] = (
        styles.replace("Calibri", "Arial").replace('val="18"', 'val="24"').encode()
    )
    book = parts["xl/workbook.xml"].decode()
    found = re.search(r"<sheets>(.*)</sheets>", book)
    assert found
    entries = re.findall(r"<sheet [^>]*/>", found.group(1))
    moved = book.replace(found.group(1), "".join(reversed(entries)))
    # Names that belong to one sheet go by its position; without them nothing else changes.
    parts["xl/workbook.xml"] = re.sub(
        r'<definedName [^>]*localSheetId="\d+"[^>]*>[^<]*</definedName>', "", moved
    ).encode()
    pack(path, parts)
