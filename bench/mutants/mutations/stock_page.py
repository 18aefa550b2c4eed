"""The stock list as one page that needs nothing else."""

from __future__ import annotations

import html
import json
from pathlib import Path

from bench.mutants.mutations import Mutant, Mutations
from bench.mutants.tasks.stock_page import WAREHOUSES, Item, items

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stock list</title>
<style>body {{ font: 16px sans-serif; margin: 1rem }} td, th {{ padding: .2rem .6rem; text-align:
left }} .low {{ color: #a00000 }} .number {{ text-align: right }}</style>
{head}
</head>
<body>
<h1>Stock list</h1>
<p><label for="place">Warehouse</label>
<select id="place"><option value="">All</option>{options}</select></p>
<p>Total value shown: <output id="total">{total}</output> GBP</p>
<table>
<thead><tr><th>Item</th><th>Description</th><th>Warehouse</th><th>Quantity</th><th>Value GBP</th>
<th>Mark</th></tr></thead>
<tbody id="rows">
{rows}
</tbody>
</table>
{foot}
<script>
const values = {values};
const place = document.getElementById("place");
place.addEventListener("change", () => {{
  let cents = 0;
  document.querySelectorAll("#rows tr").forEach((row, n) => {{
    row.hidden = place.value !== "" && row.dataset.place !== place.value;
    if (!row.hidden) cents += values[n];
  }});
  document.getElementById("total").textContent =
    (cents / 100).toLocaleString("en-GB", {{ minimumFractionDigits: 2 }});
}});
</script>
</body>
</html>
"""


def _row(item: Item, slip: str) -> str:
    low = item.quantity < item.reorder
    if slip == "low_inverted":
        low = not low
    shown = item.price if slip == "price_for_value" else item.quantity * item.price
    mark = '<td class="low">low</td>' if low else "<td></td>"
    return (
        f'<tr data-place="{item.warehouse}"><td>{item.code}</td>'
        f"<td>{html.escape(item.name)}</td><td>{item.warehouse}</td>"
        f'<td class="number">{item.quantity}</td>'
        f'<td class="number">{shown / 100:,.2f}</td>{mark}</tr>'
    )


def _write(folder: Path, slip: str) -> None:
    listed = items()
    if slip == "rows_hidden":
        listed = listed[:50]
    places = WAREHOUSES[:-1] if slip == "choice_missing" else WAREHOUSES
    cents = [i.quantity * i.price for i in listed]
    whole = sum(i.quantity * i.price for i in items())
    outside = '<script src="https://cdn.example.com/sortable/1.4/sortable.min.js"></script>'
    link = '<p><a href="stock_details.html">Details of each item</a></p>'
    page = PAGE.format(
        head=outside if slip == "outside_script" else "",
        options="".join(f'<option value="{p}">{p}</option>' for p in places),
        total=f"{(whole * 10 if slip == 'total' else whole) / 100:,.2f}",
        rows="\n".join(_row(i, slip) for i in listed),
        foot=link if slip == "broken_link" else "",
        values=json.dumps(cents),
    )
    (folder / "out/stock.html").write_text(page, encoding="utf-8")


MUTATIONS = Mutations(
    "stock_page",
    _write,
    (
        Mutant("outside_script", "outside", "loads a script from another server"),
        Mutant("rows_hidden", "rows lost", "only the first 50 items are in the page"),
        Mutant("broken_link", "link", "links to a page that was not handed over"),
        Mutant("low_inverted", "filter", "marks the items above their reorder level"),
        Mutant("price_for_value", "column", "the price of a piece as the value"),
        Mutant("choice_missing", "groups", "one warehouse cannot be chosen"),
        Mutant("total", "arithmetic", "the total shown at first is ten times too much"),
    ),
)
