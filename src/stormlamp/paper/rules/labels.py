"""What a sheet of labels holds: numbers to stick on, each as a barcode and as text, with lines for the pen.

24 labels of 63.5 x 33.9 mm on A4, three by eight: a common sheet of self-adhesive labels, or plain paper and scissors.
"""

from dataclasses import dataclass

from stormlamp.paper.rules.packs import PageFrame

ON_A_PAGE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """Labels of one kind. `title` heads the pages, `kind` and `place` stand on each label, `pen` are the words before its lines."""

    frame: PageFrame
    title: str
    kind: str
    place: str
    numbers: tuple[str, ...]
    pen: tuple[str, ...] = ()
