"""Reading a printed PDF back: its words, its pixels, its codes."""

import pypdfium2
import zxingcpp

Grey = list[bytes]


def words_of(pdf: bytes) -> list[str]:
    """The text of each page, without the break points that long words carry."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded().replace("\u200b", "").replace("\ufffe", "") for page in document]


def flat(pdf: bytes) -> str:
    """The text of all pages as one line."""
    return " ".join(" ".join(words_of(pdf)).split())


def grey(pdf: bytes, page: int = 0, dpi: int = 150) -> Grey:
    """The rows of a page as a black-and-white printer sees it, one byte a pixel."""
    bitmap = pypdfium2.PdfDocument(pdf)[page].render(scale=dpi / 72, grayscale=True)
    pixels = bytes(bitmap.buffer)
    return [pixels[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height)]


def codes_on(pdf: bytes, page: int, dpi: int) -> set[str]:
    """What a scanner reads from a page printed at a resolution."""
    rows = grey(pdf, page, dpi)
    pixels = b"".join(rows)  # the view only borrows them
    picture = zxingcpp.ImageView(pixels, len(rows[0]), len(rows), zxingcpp.ImageFormat.Lum)
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def millimetres(rows: Grey, top: float, bottom: float, left: float, right: float, dpi: int = 150) -> Grey:
    """A cut of a page, measured in millimetres from its upper left corner."""
    dots = dpi / 25.4
    return [row[int(left * dots) : int(right * dots)] for row in rows[int(top * dots) : int(bottom * dots)]]


def contrast(one: int, other: int) -> float:
    """WCAG 2.2 contrast of two grey levels."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(level: int) -> float:
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
