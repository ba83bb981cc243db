"""What a one-page statement holds: one large word, why, what it rests on, who signed it, and what may be said outside.

Every word, time and age is already chosen by the room that prints.
"""

from dataclasses import dataclass

from stormlamp.paper.rules.packs import Language, PageFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One criterion: its answer, the words it rests on, their time and age, and who owns it. `open`: it needs somebody."""

    criterion: str
    answer: str
    words: str
    as_of: str
    owner: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, when, the entry of the ledger that keeps it, and what they added."""

    by: str
    at: str
    entry: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The same message in one language, with the language's own name."""

    language: Language
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One A4 page. `subject` stands under the title, `word` is the large one, `why` its sentence; `signed` None says so."""

    frame: PageFrame
    title: str
    subject: str
    word: str
    why: str
    evidence: tuple[Evidence, ...]
    signed: Signature | None = None
    public: tuple[Spoken, ...] = ()
