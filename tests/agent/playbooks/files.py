"""The three tables of the plan tests as real files, as differently made as people make them."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deputy.execution import runtimes
from tests.agent.playbooks.schemas import SALES, SPEND, TICKETS

WORKBOOK = """
import json, sys, datetime, openpyxl
told = json.load(sys.stdin)
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Extract"
for row in told["rows"]:
    dated = [datetime.date.fromisoformat(c[5:]) if str(c).startswith("date:") else c for c in row]
    sheet.append(dated)
book.save(told["path"])
"""
Rows = list[list[Any]]


def write_all(folder: Path) -> dict[str, Path]:
    """Write the files; give them by the path their schema names."""
    made = {
        SALES.path: folder / "orders.xlsx",
        TICKETS.path: folder / "helpdesk.csv",
        SPEND.path: folder / "ledger.csv",
    }
    _write_workbook(made[SALES.path], _orders())
    _write_text(made[TICKETS.path], _tickets(), ";", "utf-8-sig")
    _write_text(made[SPEND.path], _spend(), ",", "cp1252")
    return made


def _orders() -> Rows:
    chance, price = random.Random(1), {"Anvil": 35.25, "Rocket": 19.5, "Magnet": 9.5}
    head = [c.name for c in SALES.columns]
    rows: Rows = [["Order extract"], [], head]
    days = (date(2026, 11, 18) - date(2024, 10, 1)).days
    for number in range(1_900):
        day = date(2024, 10, 1) + timedelta(days=number * days // 1_899)
        product, units = chance.choice([*price]), chance.randint(1, 20)
        place = [chance.choice(["North", "South", "East", "West"])]
        place += [chance.choice(["Germany", "France", "Italy"]), product]
        place += [chance.choice(["Retail", "Online"]), units, price[product]]
        rows.append([f"O{number:05}", f"date:{day}", *place, round(units * price[product], 2)])
    return [*rows, ["Total", "", "", "", "", "", "", "", sum(r[-1] for r in rows[3:])]]


def _tickets() -> Rows:
    chance = random.Random(2)
    rows: Rows = [[c.name for c in TICKETS.columns]]
    for number in range(900):
        opened = date(2025, 1, 1) + timedelta(days=number * 670 // 899)
        closed = opened + timedelta(days=chance.randint(0, 3))
        who = [chance.choice(["Billing", "Network", "Hardware"])]
        who += [chance.choice(["High", "Medium", "Low"])]
        who += [chance.choice(["Ann Lee", "Ben Ode", "Cleo Kay"])]
        hours = f"{chance.uniform(0, 40):.2f}".replace(".", ",")
        rows.append([f"T{number}", str(opened), str(closed), *who, hours, chance.randint(1, 5)])
    return rows


def _spend() -> Rows:
    chance = random.Random(3)
    rows: Rows = [[c.name for c in SPEND.columns]]
    for number in range(21):
        month = f"{2025 + number // 12}-{number % 12 + 1:02}-01"
        for department in ("HR", "IT", "Finance", "Sales"):
            net = round(chance.uniform(100, 9_000), 2)
            supplier = chance.choice(["Initech", "Globex", "Umbrella"])
            rows.append([month, department, supplier, net, round(net * 1.19, 2)])
    return rows


def _write_text(path: Path, rows: Rows, delimiter: str, encoding: str) -> None:
    lines = [delimiter.join(str(cell) for cell in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def _write_workbook(path: Path, rows: Rows) -> None:
    python = runtimes.find("data") / "bin" / "python"
    told = json.dumps({"path": str(path), "rows": rows})
    subprocess.run([python, "-c", WORKBOOK], input=told, text=True, check=True)
