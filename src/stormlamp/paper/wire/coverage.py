"""Which characters a TrueType font can draw: the `cmap` table of OpenType 1.9 (formats 4 and 12)."""

import struct


def covered(font: bytes) -> frozenset[int]:
    """The Unicode code points that a TTF file maps to a glyph; ValueError when it has no Unicode `cmap`."""
    cmap = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    points: set[int] = set()
    for record in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", font, cmap + 4 + 8 * record)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            points |= _subtable(font, cmap + offset)
    if not points:
        raise ValueError("the font has no Unicode character map")
    return frozenset(points)


def _table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for record in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * record)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no {tag!r} table")


def _subtable(font: bytes, at: int) -> set[int]:
    (shape,) = struct.unpack_from(">H", font, at)
    if shape == 12:
        return _segmented_coverage(font, at)
    return _segment_mapping(font, at) if shape == 4 else set()


def _segmented_coverage(font: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">L", font, at + 12)
    points: set[int] = set()
    for group in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", font, at + 16 + 12 * group)
        points.update(point for point in range(first, last + 1) if glyph + point - first)
    return points


def _segment_mapping(font: bytes, at: int) -> set[int]:
    segments = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts = at + 14, at + 16 + 2 * segments
    points: set[int] = set()
    for segment in range(segments):
        (last,) = struct.unpack_from(">H", font, ends + 2 * segment)
        (first,) = struct.unpack_from(">H", font, starts + 2 * segment)
        points.update(p for p in range(first, last + 1) if p != 0xFFFF and _glyph(font, starts, segments, segment, p))
    return points


def _glyph(font: bytes, starts: int, segments: int, segment: int, point: int) -> int:
    (first,) = struct.unpack_from(">H", font, starts + 2 * segment)
    (delta,) = struct.unpack_from(">H", font, starts + 2 * segments + 2 * segment)
    place = starts + 4 * segments + 2 * segment
    (offset,) = struct.unpack_from(">H", font, place)
    if not offset:
        return int((point + delta) & 0xFFFF)
    (glyph,) = struct.unpack_from(">H", font, place + offset + 2 * (point - first))
    return int((glyph + delta) & 0xFFFF) if glyph else 0
