"""Data conforms to a JSON schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deputy.agent.checks.sandboxed.grids import decoded
from deputy.agent.checks.sandboxed.records import delivered, shown
from deputy.agent.checks.sandboxed.verdicts import FailedError, UncheckedError, must

NAME = "schema.conforms"
TITLE = "The data conform to the schema"
LIMITS = "whether values that conform are right"
KIND = "inspects"
CONTENT = True
APPLIES_TO = (".json", ".jsonl", ".csv", ".tsv", ".xlsx", ".xlsm")
NEEDS = ("schema",)
TAKES = "schema: a JSON schema of the document (.json) or of one record (other kinds)."
WRONG_MAX = 50


def check(target: Path, params: dict[str, Any]) -> str:
    """Validate with the runtime's own validator; nothing is fetched."""
    import jsonschema

    schema = must(params, "schema")
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as wrong:
        raise UncheckedError(f"The schema itself is wrong: {wrong.message}.") from wrong
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    documents = _documents(target, params)
    wrong_ones = []
    for number, document in enumerate(documents, start=1):
        for error in validator.iter_errors(document):
            place = "/".join(str(part) for part in error.absolute_path) or "document"
            wrong_ones.append(f"record {number}, {place}: {error.message[:120]}")
            if len(wrong_ones) >= WRONG_MAX:
                raise FailedError(shown(wrong_ones))
    if wrong_ones:
        raise FailedError(shown(wrong_ones))
    return f"{len(documents):,} documents conform."


def _documents(target: Path, params: dict[str, Any]) -> list[Any]:
    if target.suffix.lower() == ".json":
        try:
            return [json.loads(decoded(target.read_bytes()))]
        except (ValueError, RecursionError) as wrong:
            raise FailedError(f"{target.name} is no JSON: {wrong}.") from wrong
    records = delivered(target, params)
    return [dict(zip(records.headings, row, strict=False)) for row in records.rows]
