"""Proofs of the checks of rows, columns and values, in text tables, JSON and databases.

Owns a small table of orders. Must never read it with the checks' own code.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deputy.agent.checks.proofs.proof import (
    Change,
    Proof,
    each,
    gone,
    replaced,
    write_book,
    write_csv,
    write_text,
)

ORDERS: list[list[Any]] = [
    ["Order", "Day", "State", "Amount"],
    ["0017", "2026-01-05", "open", "120.50"],
    ["0018", "2026-01-07", "paid", "80.00"],
    ["0020", "2026-02-01", "paid", "1300.25"],
    ["0031", "2026-02-11", "open", "-15.00"],
]
BODY = ORDERS[1:]
OUT, IN = "out/orders.csv", "orders.csv"
SOURCE = {"path": IN}


def out(rows: Sequence[Sequence[Any]]) -> Change:
    """Give a change that writes the result anew."""
    return write_csv(OUT, rows)


SAMPLE = each(write_csv(IN, ORDERS), out(ORDERS))
SHUFFLED = out([ORDERS[0], *reversed(BODY)])
TURNED = out([row[::-1] for row in ORDERS])
RENAMED = replaced(OUT, "Order,", "order,")
SAME = {"another order of rows": SHUFFLED, "another order of columns": TURNED,
        "a heading in other case": RENAMED}  # fmt: skip


def proof(check: str, params: dict[str, Any], mutators: dict[str, Change],
          invariances: dict[str, Change] | None = None) -> Proof:  # fmt: skip
    """Give a proof on the orders."""
    same = SAME if invariances is None else invariances
    return Proof(check, OUT, params, SAMPLE, mutators, same)


LOST = out(ORDERS[:-1])
DOUBLED = out([*ORDERS, ORDERS[2]])
NO_ZEROS = out([ORDERS[0], *([row[0].lstrip("0"), *row[1:]] for row in BODY)])
CHANGED = replaced(OUT, "1300.25", "1300.52")
TABLES: tuple[Proof, ...] = (
    proof("keys.unique", {"keys": ["Order"]},
          {"a row twice": DOUBLED, "a key taken": replaced(OUT, "0031", "0017"),
           "a key left out": replaced(OUT, "0031", "")}),
    proof("keys.kept", {"keys": ["Order"], "source": SOURCE},
          {"zeros are lost": NO_ZEROS, "a row is lost": LOST,
           "a key is made up": replaced(OUT, "0031", "0032")}),
    proof("rows.preserved", {"source": SOURCE},
          {"a row is lost": LOST, "a row is doubled": DOUBLED, "an amount is another": CHANGED,
           "one lost and one doubled": out([*ORDERS[:-1], ORDERS[1]]), "zeros are lost": NO_ZEROS},
          {**SAME, "numbers written otherwise": replaced(OUT, "80.00", "80")}),
    proof("columns.typed", {"columns": {"Day": "date", "Amount": "number", "Order": "text"}},
          {"a day first": replaced(OUT, "2026-02-01", "01.02.2026"),
           "a day that is none": replaced(OUT, "2026-02-01", "2026-02-31"),
           "a sign in a number": replaced(OUT, "80.00", "80.00 EUR"),
           "a mark in a number": replaced(OUT, "1300.25", '"1,300.25"')}),
    proof("columns.required", {"columns": ["Order", "Amount"], "rows": 4},
          {"a blank": replaced(OUT, "80.00", " "), "a row less": LOST,
           "no such column": replaced(OUT, "Amount", "Sum")}),
    proof("values.in_range", {"column": "Amount", "min": -20, "max": 2000},
          {"too small": replaced(OUT, "-15.00", "-150.00"), "no number": replaced(
              OUT, "80.00", "eighty"), "too large": replaced(OUT, "1300.25", "13002.5")}),
    proof("values.in_range", {"column": "Day", "min": "2026-01-01", "max": "2026-03-31"},
          {"too late": replaced(OUT, "2026-02-11", "2026-04-01"),
           "too early": replaced(OUT, "2026-01-05", "2025-01-05")}),
    proof("values.allowed", {"column": "State", "allowed": ["open", "paid"]},
          {"another word": replaced(OUT, "0031,2026-02-11,open", "0031,2026-02-11,late"),
           "other letters": replaced(OUT, "paid", "Paid"), "a blank": replaced(OUT, "open", "")}),
    proof("sums.kept", {"columns": ["Amount"], "source": SOURCE},
          {"an amount is another": CHANGED, "a sign is lost": replaced(OUT, "-15", "15"),
           "a row is lost": LOST, "the column is gone": replaced(OUT, "Amount", "Sum")}),
    proof("duplicates.none", {}, {"a row twice": DOUBLED,
          "in other letters": out([*ORDERS, ["0018", "2026-01-07", " PAID", "80.00"]])}),
    proof("rows.in_order", {"column": "Amount", "order": "desc"},
          {"by another column": SHUFFLED, "as text": out([ORDERS[0], *sorted(
              BODY, key=lambda row: row[3], reverse=True)])},
          {"other columns": TURNED}),
    proof("csv.well_formed", {"columns": ORDERS[0]},
          {"a cell too many": replaced(OUT, "80.00", "80.00,x"),
           "a heading twice": replaced(OUT, "State", "Day"),
           "an open quote": replaced(OUT, "80.00", '"80.00'),
           "another encoding": lambda folder: _bytes(folder, lambda raw: raw + b"\xe4,,,\n")},
          {"quotes": replaced(OUT, "80.00", '"80.00"'), "another order": SHUFFLED}),
    proof("csv.no_formulas", {},
          {"a formula": replaced(OUT, "paid", "=1+1"), "a link": replaced(OUT, "open", "@SUM(A1)")},
          {"another order": SHUFFLED}),
    proof("schema.conforms", {"schema": {
        "type": "object", "required": ["Order", "State"], "properties": {
            "Order": {"pattern": "^[0-9]{4}$"}, "State": {"enum": ["open", "paid"]}}}},
          {"zeros are lost": NO_ZEROS, "another state": replaced(OUT, "paid", "late"),
           "a column is gone": replaced(OUT, "State", "S")},
          {"another order": SHUFFLED, "other columns": TURNED}),
    proof("file.opens", {}, {"nothing in it": write_text(OUT, ""), "only headings": out(ORDERS[:1]),
          "no text": lambda folder: _bytes(folder, lambda raw: b"\xff\xfe\x00"),
          "gone": gone(OUT)}, {"another order": SHUFFLED}),
)  # fmt: skip
# A proof on rows in order starts from ordered rows.
ORDERED = out([ORDERS[0], *sorted(BODY, key=lambda row: -float(row[3]))])
TABLES = tuple(
    Proof(one.check, one.target, one.params, each(SAMPLE, ORDERED), one.mutators,
          {"numbers written otherwise": replaced(OUT, "80.00", "80")})
    if one.check == "rows.in_order" else one for one in TABLES
)  # fmt: skip


def _bytes(folder: Path, edit: Callable[[bytes], bytes]) -> None:
    (folder / OUT).write_bytes(edit((folder / OUT).read_bytes()))


PARTS = ["out/a.csv", "out/b.csv"]
BATCHES = Proof(
    "batches.reconcile", PARTS[0],
    {"parts": PARTS, "source": SOURCE, "columns": ["Amount"], "keys": ["Order"]},
    each(write_csv(IN, ORDERS), write_csv(PARTS[0], ORDERS[:3]),
         write_csv(PARTS[1], [ORDERS[0], *ORDERS[3:]])),
    mutators={
        "a row in neither": write_csv(PARTS[0], ORDERS[:2]),
        "a row in both": write_csv(PARTS[1], [ORDERS[0], *ORDERS[2:]]),
        "one for another": write_csv(PARTS[0], [*ORDERS[:2], ORDERS[3]]),
        "an amount is another": replaced(PARTS[1], "1300.25", "1300.52"),
    },
    invariances={"parted elsewhere": each(
        write_csv(PARTS[0], ORDERS[:2]), write_csv(PARTS[1], [ORDERS[0], *ORDERS[2:]]))},
)  # fmt: skip
BOOK = "out/report.xlsx"
ADDED: list[Sequence[Any]] = [
    ["Region", "Orders", "Amount", "Share"], ["North", 2, 200.5, 0.1], ["South", 3, 1300.25, 0.9],
    ["Total", 5, 1500.75, 1],
]  # fmt: skip
ADD_UP = Proof(
    "totals.add_up", BOOK, {}, write_book(BOOK, {"Report": ADDED}),
    mutators={
        "a total is another": write_book(BOOK, {"Report": [*ADDED[:3], ["Total", 5, 1500.25, 1]]}),
        "a row is missing": write_book(BOOK, {"Report": [*ADDED[:2], *ADDED[3:]]}),
        "no total at all": write_book(BOOK, {"Report": ADDED[:3]}),
    },
    invariances={
        "with a subtotal": write_book(BOOK, {"Report": [
            *ADDED[:2], ["Subtotal", 2, 200.5, 0.1], *ADDED[2:]]}),
        "lower down": write_book(BOOK, {"Other name": [["Title"], [], *ADDED]}),
    },
)  # fmt: skip
BASE = "out/orders.sqlite"


def base(*extra: str) -> Change:
    """Give a change that writes the database anew and runs statements on it."""

    def change(folder: Path) -> None:
        (folder / BASE).parent.mkdir(exist_ok=True)
        (folder / BASE).unlink(missing_ok=True)
        database = sqlite3.connect(folder / BASE)
        database.execute("CREATE TABLE people (name TEXT PRIMARY KEY)")
        database.execute('CREATE TABLE orders ("order" TEXT PRIMARY KEY, state TEXT, amount REAL,'
                         " person TEXT REFERENCES people(name))")  # fmt: skip
        database.execute("INSERT INTO people VALUES ('Ann'), ('Bo')")
        for row in BODY:
            database.execute("INSERT INTO orders VALUES (?, ?, ?, 'Ann')",
                             (row[0], row[2], float(row[3])))  # fmt: skip
        for statement in extra:
            database.execute(statement)
        database.commit()
        database.close()

    return change


JSON_SOURCE = write_text("orders.json", json.dumps({"data": {"orders": [
    dict(zip(ORDERS[0], row, strict=True)) for row in BODY]}}))  # fmt: skip
KEYS_HOLD = Proof(
    "database.keys_hold", BASE, {"tables": {"orders": 4, "people": None}, "keys": ["orders"]},
    base(),
    mutators={
        "a row less": base("DELETE FROM orders WHERE amount < 0"),
        "a table less": base("ALTER TABLE people RENAME TO persons", "DROP TABLE persons"),
        "a key that leads nowhere": base("UPDATE orders SET person = 'Cy' WHERE amount < 0"),
        "no database": write_text(BASE, "no database"),
    },
    invariances={"an index more": base("CREATE INDEX states ON orders (state)"),
                 "packed": base("CREATE TABLE t (a)", "DROP TABLE t")},
)  # fmt: skip
ROWS_MATCH = Proof(
    "database.rows_match", BASE,
    {"tables": [{"table": "orders", "source": {"path": "orders.json", "records": "data.orders"},
                 "columns": {"amount": "Amount"}, "keys": {"order": "Order"}}]},
    each(JSON_SOURCE, base()),
    mutators={
        "a row less": base("DELETE FROM orders WHERE amount < 0"),
        "an amount is another": base("UPDATE orders SET amount = 81 WHERE amount = 80"),
        "zeros are lost": base('UPDATE orders SET "order" = ltrim("order", \'0\')'),
    },
    invariances={"another order": base('CREATE INDEX desc_orders ON orders ("order" DESC)')},
)  # fmt: skip
PROOFS = (*TABLES, BATCHES, ADD_UP, KEYS_HOLD, ROWS_MATCH)
