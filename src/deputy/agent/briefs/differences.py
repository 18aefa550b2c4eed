"""What changed from one version of a brief to the next, in sentences.

Owns the comparison: every field, nothing left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from deputy.core.brief import Brief

_LISTS = (
    ("assumptions", "assumption"),
    ("edge_cases", "edge case"),
    ("out_of_scope", "left out on purpose"),
)


def differences(before: Brief | None, after: Brief) -> tuple[str, ...]:
    """Give one sentence per change; none for the first version."""
    if before is None:
        return ()
    changes = [
        f"{name}: “{old}” became “{new}”"
        for name, old, new in (
            ("goal", before.goal, after.goal),
            ("reading", before.reading, after.reading),
        )
        if old != new
    ]
    old_files = {d.path: d for d in before.deliverables}
    new_files = {d.path: d for d in after.deliverables}
    changes += _moved("deliverable", old_files, new_files)
    changes += [
        f"deliverable {path}: described otherwise"
        for path in old_files.keys() & new_files.keys()
        if old_files[path] != new_files[path]
    ]
    old = {(c.id, c.target): c for c in before.criteria}
    new = {(c.id, c.target): c for c in after.criteria}
    changes += [f"criterion added: {new[key].text}" for key in new if key not in old]
    changes += [f"criterion removed: {old[key].text}" for key in old if key not in new]
    changes += [
        f"criterion changed: {new[key].text}" for key in new if key in old and old[key] != new[key]
    ]
    for field, name in _LISTS:
        changes += _moved(name, getattr(before, field), getattr(after, field))
    if before.receipt_inside != after.receipt_inside:
        changes.append(f"receipt inside the files: {'yes' if after.receipt_inside else 'no'}")
    return tuple(changes)


def _moved(name: str, before: Iterable[str], after: Iterable[str]) -> list[str]:
    old, new = list(before), list(after)
    return [
        *(f"{name} added: {one}" for one in new if one not in old),
        *(f"{name} removed: {one}" for one in old if one not in new),
    ]
