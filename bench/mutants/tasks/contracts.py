"""Four short contracts, three as PDF and one as Word, to be compared in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import typst

from bench.mutants.tasks import Task


@dataclass(frozen=True)
class Contract:
    """One contract: its file, its title, its numbered paragraphs."""

    file: str
    title: str
    paragraphs: Sequence[str]


CONTRACTS = (
    Contract(
        "cleaning.pdf",
        "Cleaning Services Agreement",
        (
            "This Agreement is made on 14 February 2022 between Tarn Office Parks Ltd (the Client)"
            " and Brightwell Cleaning Ltd (the Supplier). It takes effect on 1 March 2022.",
            "The Supplier shall clean the premises listed in Schedule A on every working day.",
            "The initial term is two years. Unless either party gives notice before its end, this"
            " Agreement renews for successive periods of one year.",
            "Either party may terminate this Agreement by giving ninety (90) days' written notice.",
            "The Client shall pay each invoice within thirty (30) days of receipt.",
            "This Agreement is governed by the laws of England and Wales.",
        ),
    ),
    Contract(
        "data_centre.pdf",
        "Hosting and Maintenance Agreement",
        (
            "This Agreement is dated 3 November 2023 and is made between Tarn Office Parks Ltd and"
            " Kelvin Data Centres GmbH (the Provider). Services start on 1 January 2024.",
            "The Provider keeps the systems available for 99.5 percent of each calendar month.",
            "This Agreement ends on 31 December 2026 without notice and may be extended only by a"
            " written agreement signed by both parties.",
            "During the term either party may terminate for any reason upon sixty (60) days'"
            " notice in writing.",
            "Licences of third parties renew automatically at the Provider's expense.",
            "The laws of Germany apply to this Agreement.",
        ),
    ),
    Contract(
        "catering.pdf",
        "Catering Agreement",
        (
            "Catering Agreement, entered into as of 9 May 2024 by Tarn Office Parks Ltd and Mesa"
            " Verde Catering SL (the Caterer).",
            "The Caterer serves lunch on working days. Menus are agreed monthly.",
            "The Agreement runs for twelve months and is thereafter extended automatically by"
            " twelve months at a time, unless terminated.",
            "Notice of termination must be given no later than one hundred and twenty (120) days"
            " before the end of a term.",
            "Prices are reviewed each January. An increase of more than five percent entitles the"
            " customer to leave at the end of the following month.",
        ),
    ),
    Contract(
        "security.docx",
        "Security Guarding Contract",
        (
            "This Contract was signed on 21 August 2021 by Tarn Office Parks Ltd and Northgate"
            " Guarding plc (the Contractor), with effect from 1 October 2021.",
            "The Contractor provides two guards at night and one by day.",
            "The Contract has a fixed term of five years and does not renew; a new contract has to"
            " be negotiated.",
            "The Client may end this Contract at any time by forty-five (45) days' written notice.",
            "The Contractor keeps liability insurance of not less than two million pounds.",
            "This Contract shall be construed in accordance with the law of Scotland.",
        ),
    ),
)


def _write(folder: Path) -> None:
    for contract in CONTRACTS:
        path = folder / contract.file
        if path.suffix == ".pdf":
            numbered = "\n\n".join(f"{n}. {p}" for n, p in enumerate(contract.paragraphs, 1))
            page = '#set page(paper: "a5", numbering: "1")\n#set par(justify: false)\n'
            source = folder.parent / f"{path.stem}.typ"
            source.write_text(f"{page}= {contract.title}\n\n{numbered}\n", encoding="utf-8")
            path.write_bytes(typst.compile(str(source)))
            source.unlink()
            continue
        document = docx.Document()
        document.add_heading(contract.title, 1)
        for n, paragraph in enumerate(contract.paragraphs, 1):
            document.add_paragraph(f"{n}. {paragraph}")
        document.save(str(path))


TASK = Task(
    "contracts",
    "Here are four of our service contracts. One Excel row per contract: file name, the other"
    " party (we are Tarn Office Parks), date of the agreement, governing law, notice period for"
    " termination in days, does it renew automatically (Yes/No), and the sentence the Yes or No"
    " rests on, word for word. If a contract doesn't say something, leave the cell empty.",
    ("out/contracts.xlsx",),
    _write,
)
