"""How tables are found in files and read: source that runs in the sandbox, joined to programs.

Owns which parts a program needs. Must never run any of it on the product side: the files are
hostile. `READING` gives a program `read_table`, `read_tables`, `column_named`, `numbers`, `dates`
and `names` (see `tables.reading`); `PROBING` is what finds tables and says how to read them. Both
are modules for `programs.joined`, in order; whatever a program names, it shares one room with
these parts, so its own names must differ from theirs.
"""

from __future__ import annotations

READING = tuple(
    f"{__name__}.{part}"
    for part in ("refusals", "cells", "headings", "amounts", "days", "records", "workbooks",
                 "reading")
)  # fmt: skip
