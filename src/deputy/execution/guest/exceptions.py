"""The exception names that may leave a sandbox as facts; every other becomes `other`.

Owns the list: the builtins and what the data runtime's libraries raise. A name from generated
code is content; these are a closed set.
"""

from __future__ import annotations

import builtins

OTHER = "other"
LIBRARIES = frozenset(
    {
        "ArrowInvalid", "BadZipFile", "BinderException", "CatalogException", "ConversionException",
        "CSVError", "DataError", "DtypeWarning", "EmptyDataError", "FileCreateError",
        "IllegalCharacterError", "IndexingError", "IntCastingNaNError", "InvalidFileException",
        "InvalidIndexError", "InvalidInputException", "IOException", "JSONDecodeError",
        "LinAlgError", "MergeError", "OutOfBoundsDatetime", "ParserError", "ParserException",
        "PerformanceWarning", "SpecificationError", "UndefinedVariableError",
        "UnidentifiedImageError", "UnsupportedFunctionCall", "XLRDError",
    }
)  # fmt: skip
NAMES = LIBRARIES | frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)


def admitted(name: object) -> str | None:
    """Give a name of the list, `other` for any other name, `None` for none."""
    if name is None:
        return None
    return name if isinstance(name, str) and name in NAMES else OTHER
