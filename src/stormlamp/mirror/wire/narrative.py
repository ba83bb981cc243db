"""XML from outside, and its narrative as HTML that is safe to show: elements of a list of ours, text escaped, nothing else.

Document types and entities are refused, so neither a billion laughs nor a file from elsewhere can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from stormlamp.mirror.wire.hl7 import Broken

XML_LIMIT, DEEPEST = 64 * 1024 * 1024, 200

# What stays of XHTML (FHIR's Narrative) and of CDA's narrative block, by local name. Empty: its content alone stays.
_SAME = ("p", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "br", "sub", "sup", "pre", "code")
_TAGS = {name: name for name in (*_SAME, "blockquote", "dl", "dt", "dd", "em", "strong", "small", "hr")} | {
    "paragraph": "p",
    "list": "ul",
    "item": "li",
    "footnote": "small",
    "b": "strong",
    "i": "em",
    "u": "em",
}
_DROPPED = frozenset(
    ("script", "style", "head", "title", "iframe", "object", "embed", "svg", "math", "form", "input", "button", "template", "link")
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_VOID = frozenset(("br", "hr"))
_SPANS = frozenset(("colspan", "rowspan"))
_STYLES = {"bold": "strong", "italics": "em", "emphasis": "em", "underline": "em"}


def parsed(raw: bytes) -> Element:
    """The root of an XML document; names are `namespace}name`. Broken: no XML, too deep or long, or with a DTD or entities."""
    if len(raw) > XML_LIMIT:
        raise Broken(f"XML of more than {XML_LIMIT // 1024**2} MB")
    builder, depth = TreeBuilder(), [0]
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: object) -> NoReturn:
        raise Broken("XML with a document type or entities of its own", parser.CurrentByteIndex)

    def start(name: str, attributes: dict[str, str]) -> None:
        depth[0] += 1
        if depth[0] > DEEPEST:
            raise Broken("XML nested too deeply", parser.CurrentByteIndex)
        builder.start(name, {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        depth[0] -= 1
        builder.end(name)

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as fault:
        raise Broken(f"not readable as XML: {fault}", max(0, parser.ErrorByteIndex)) from fault
    except (LookupError, ValueError) as fault:
        raise Broken(f"not readable as XML: {fault}") from fault
    return builder.close()


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return _local(element.tag)


def namespace(element: Element) -> str:
    """The namespace of an element."""
    return element.tag.rpartition("}")[0]


def safe_html(element: Element) -> str:
    """The content of a narrative as HTML: what is not on the list of elements stays as its text, what could act is gone."""
    return "".join(_inside(element)).strip()


def plain_text(element: Element) -> str:
    """The words of a narrative in one line."""
    return " ".join(" ".join(element.itertext()).split())


def paragraphs(text: str) -> str:
    """Plain text as HTML: an empty line begins a paragraph, a line end stays one."""
    parts = (part.strip() for part in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _inside(element: Element) -> Iterator[str]:
    if element.text:
        yield escape(element.text)
    for child in element:
        yield from _one(child)
        if child.tail:
            yield escape(child.tail)


def _one(element: Element) -> Iterator[str]:
    name = local(element).lower()
    if name in _DROPPED:
        return
    tag = _TAGS.get(name, "")
    if name == "list" and element.get("listType") == "ordered":
        tag = "ol"
    if not tag:
        tag = next((_STYLES[word] for word in element.get("styleCode", "").lower().split() if word in _STYLES), "")
    if name in ("img", "rendermultimedia"):
        yield escape(element.get("alt") or element.get("title") or "")
        return
    yield f"<{tag}{_spans(element) if tag in ('td', 'th') else ''}>" if tag else ""
    if name in _HEADINGS:
        # The page has headings of its own, and theirs would not fit into its order.
        yield from ("<p><strong>", *_inside(element), "</strong></p>")
    elif tag not in _VOID:
        yield from _inside(element)
        yield f"</{tag}>" if tag else " " if name == "div" else ""


def _spans(element: Element) -> str:
    """How many columns and rows a cell fills."""
    said = ((key, value) for key, value in sorted(element.items()) if key in _SPANS)
    return "".join(f' {key}="{value}"' for key, value in said if value.isascii() and value.isdigit() and len(value) < 4)
