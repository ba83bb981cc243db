"""How fast patient summaries become paper, beside ReportLab drawing the same content in the same run.

    python bench/print_pack.py [WARDS] [PATIENTS]

Prints pages per second with two worker processes (wall) and pages per CPU-second in one process, the peer's, and the
ratios. The peer draws the same texts, tables and both codes with platypus, untagged; ours are tagged PDF/UA-1.
"""

import io
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import pypdfium2
from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

import stormlamp.paper
from stormlamp.paper import print_pack, print_packs
from stormlamp.paper.rules import PatientSummary, WardPack
from tests.paper import made_up

FONTS = Path(stormlamp.paper.__file__).parent / "fonts"
ROUNDS = 3
LINES = [("FONT", (0, 0), (-1, -1), "Noto", 8), ("LINEBELOW", (0, 0), (-1, -1), 0.4, black), ("TOPPADDING", (0, 0), (-1, -1), 1)]


class Peer:
    """The same summary by ReportLab."""

    def __init__(self) -> None:
        pdfmetrics.registerFont(TTFont("Noto", FONTS / "NotoSans_400Regular.ttf"))
        pdfmetrics.registerFont(TTFont("Noto-Bold", FONTS / "NotoSans_700Bold.ttf"))
        self.plain = ParagraphStyle("plain", fontName="Noto", fontSize=8, leading=9.4)
        self.bold = ParagraphStyle("bold", fontName="Noto-Bold", fontSize=9.5, leading=12)

    def print_pack(self, pack: WardPack) -> bytes:
        """One pack of summaries as PDF."""
        made = io.BytesIO()
        document = SimpleDocTemplate(
            made, pagesize=A4, leftMargin=10 * mm, rightMargin=10 * mm, topMargin=27 * mm, bottomMargin=26 * mm
        )

        def furniture(canvas: object, _document: object) -> None:
            self._furniture(canvas, pack)

        story: list[Flowable] = []
        for part in pack.summaries:
            story += [*self._summary(part), PageBreak()]
        document.build(story, onFirstPage=furniture, onLaterPages=furniture)
        return made.getvalue()

    def _furniture(self, canvas: object, pack: WardPack) -> None:
        canvas.setFillColor(HexColor("#ffc94d"))
        canvas.rect(10 * mm, 279 * mm, 190 * mm, 8 * mm, fill=1)
        canvas.setFillColor(black)
        canvas.setFont("Noto-Bold", 9.5)
        canvas.drawString(22 * mm, 281.5 * mm, pack.frame.band)
        canvas.drawString(10 * mm, 274 * mm, "Patient summary")
        canvas.setFont("Noto", 6.6)
        canvas.drawString(10 * mm, 18 * mm, f"Printed {pack.frame.printed_at} · {pack.frame.printed_by} · {pack.frame.as_of}")
        canvas.drawString(10 * mm, 15 * mm, f"Ledger checkpoint {pack.frame.checkpoint} · page {canvas.getPageNumber()}")
        code = qr.QrCodeWidget(f"SL1:{pack.frame.pack}:{canvas.getPageNumber()}", barLevel="Q")
        drawing = Drawing(13 * mm, 13 * mm)
        code.barWidth = code.barHeight = 13 * mm
        drawing.add(code)
        drawing.drawOn(canvas, 187 * mm, 10 * mm)

    def _summary(self, part: PatientSummary) -> list[Flowable]:
        who = part.identity
        head = [
            Paragraph(f"{who.name} · {who.sex} · born {who.birth} ({who.age}) · MRN {who.mrn}", self.bold),
            Paragraph(who.diagnosis, self.plain),
        ]
        story: list[Flowable] = [
            Table([[who.bed, head, code128.Code128(who.code, barHeight=9 * mm)]], colWidths=[20 * mm, 120 * mm, 50 * mm])
        ]
        story += [Paragraph(notice, self.bold) for notice in part.notices]
        story.append(self._cautions(part))
        story += self._section("Problems", part.problems, [[row.text, row.since, row.source] for row in part.problems.rows])
        vitals = [
            [row.name, f"{row.value} {row.unit} {row.flag}", f"{row.at} {row.trend} {row.source}"] for row in part.vitals.rows
        ]
        story += self._section("Last vital signs", part.vitals, [list(column) for column in zip(*vitals, strict=True)])
        drugs = [
            [row.drug, row.dose, row.route, row.frequency, row.last_given, row.next_due, row.source]
            for row in part.medications.rows
        ]
        story += self._section("Medication", part.medications, drugs)
        results = [
            [row.name, f"{row.value} {row.unit}", row.flag, row.reference, row.trend, row.at, row.source]
            for row in part.results.rows
        ]
        story += self._section("Results", part.results, results)
        story += self._section(
            "Open orders", part.orders, [[row.text, row.status, row.due, row.source] for row in part.orders.rows]
        )
        return story + [Paragraph(f"{row.title} {row.at} {row.author}: {row.text}", self.plain) for row in part.notes.rows]

    def _cautions(self, part: PatientSummary) -> Table:
        allergies = [f"{row.substance} {row.reaction} {row.severity}" for row in part.allergies.rows] or [
            part.allergies.standing.words
        ]
        alerts = [row.text for row in part.alerts.rows] or [part.alerts.standing.words]
        cells = [[Paragraph(words, self.bold) for words in column] for column in (["ALLERGIES", *allergies], ["ALERTS", *alerts])]
        return Table(
            [cells],
            colWidths=[95 * mm, 95 * mm],
            style=[("BOX", (0, 0), (-1, -1), 2, black), ("BACKGROUND", (0, 0), (-1, -1), white)],
        )

    def _section(self, title: str, part: object, rows: list[list[str]]) -> list[Flowable]:
        head = Table(
            [[title, part.standing.words]], colWidths=[95 * mm, 95 * mm], style=[("FONT", (0, 0), (-1, -1), "Noto-Bold", 8)]
        )
        cells = [[Paragraph(row[0], self.plain), *row[1:]] for row in rows]
        return [Spacer(1, 4), head, Table(cells, colWidths=[190 * mm / len(rows[0])] * len(rows[0]), style=LINES)]


def packs(wards: int, patients: int, run: int) -> list[WardPack]:
    """Wards of one-page summaries in which no two people share their values, so that nothing is drawn from a cache."""
    return [
        WardPack(
            frame=made_up.frame(ward=f"Ward {ward}", pack=f"B{run}W{ward}"),
            summaries=tuple(person(run * 100_000 + ward * 1_000 + number) for number in range(patients)),
        )
        for ward in range(wards)
    ]


def person(number: int) -> PatientSummary:
    """A one-page summary whose texts carry its number."""
    part = made_up.summary(number % 4)
    return replace(
        part,
        notices=(),
        identity=replace(part.identity, name=f"PERSON {number}", mrn=str(number), code=str(number)),
        medications=numbered(part.medications, number, "last_given"),
        results=numbered(part.results, number, "value"),
        vitals=numbered(part.vitals, number, "value"),
        orders=numbered(part.orders, number, "text"),
        problems=numbered(part.problems, number, "since"),
        notes=numbered(part.notes, number, "text"),
    )


def numbered(part: Any, number: int, field: str) -> Any:
    """A section whose rows differ from everybody else's."""
    rows = tuple(replace(row, **{field: f"{getattr(row, field)} {number % 9973 + place}"}) for place, row in enumerate(part.rows))
    return replace(part, rows=rows)


def pages_of(pdfs: list[bytes]) -> int:
    """How many pages the documents have together."""
    return sum(len(pypdfium2.PdfDocument(pdf)) for pdf in pdfs)


def rate(make: Callable[[list[WardPack]], list[bytes]], given: list[WardPack], clock: Callable[[], float]) -> float:
    """Pages per second of a clock."""
    start = clock()
    made = make(given)
    spent = clock() - start
    return pages_of(made) / spent


def main(wards: int, patients: int) -> None:
    """Interleave the rounds and print the medians."""
    peer = Peer()
    print_pack(packs(1, 1, 99)[0])
    ours, theirs, wall = [], [], []
    for run in range(ROUNDS):
        given = packs(wards, patients, run)
        wall.append(rate(lambda some: [pdf for _, pdf in print_packs(some)], given, time.perf_counter))
        ours.append(rate(lambda some: [print_pack(pack) for pack in some], given[:4], time.process_time))
        theirs.append(rate(lambda some: [peer.print_pack(pack) for pack in some], given[:4], time.process_time))
    one, other, together = median(ours), median(theirs), median(wall)
    largest = max(resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"stormlamp, tagged PDF/UA-1: {one:.0f} pages per CPU-second")
    print(f"ReportLab platypus, untagged: {other:.0f} pages per CPU-second")
    print(f"ratio: {one / other:.2f}")
    print(f"stormlamp, {wards} wards of {patients} in 2 processes: {together:.0f} pages/s, largest process {largest} MB")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (16, 25))
