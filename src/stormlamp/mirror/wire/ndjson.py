"""NDJSON, line by line in bounded memory, also compressed: an export is larger than any memory, a bomb than any disk."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from stormlamp.mirror.wire.hl7 import Broken

LINE_LIMIT = 64 * 1024 * 1024
# JSON of the same few words shrinks 20 to 60 times; deflate cannot do more than 1,032 times. Small files may do as they like.
RATIO_LIMIT, FREE = 200, 64 * 1024 * 1024


def lines(file: BinaryIO, *, limit: int = LINE_LIMIT) -> Iterator[bytes]:
    """Each line that is not empty, without its end. Broken when one is longer than `limit` bytes."""
    while line := file.readline(limit + 2):
        stripped = line.strip()
        if len(stripped) > limit:
            raise Broken(f"a line is longer than {limit // 1024**2} MB")
        if stripped:
            yield stripped


def inflated_lines(file: BinaryIO, *, limit: int = LINE_LIMIT, ratio: int = RATIO_LIMIT, free: int = FREE) -> Iterator[bytes]:
    """The lines of gzip data. Broken when damaged, or when over `free` bytes came out that are over `ratio` times what went in."""
    told = 0
    try:
        with gzip.GzipFile(fileobj=file) as plain:
            for line in lines(plain, limit=limit):  # type: ignore[arg-type]
                told += len(line)
                if told > free and told > ratio * file.tell():
                    raise Broken(f"it unpacks to more than {ratio} times its size: a decompression bomb")
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise Broken(f"damaged gzip data: {fault}") from fault


def inflated(file: BinaryIO, *, limit: int = 16 * LINE_LIMIT, ratio: int = RATIO_LIMIT, free: int = FREE) -> bytes:
    """All that gzip data hold. Broken when they are damaged, longer than `limit`, or a decompression bomb."""
    return b"".join(inflated_parts(file, limit=limit, ratio=ratio, free=free))


def inflated_parts(file: BinaryIO, *, limit: int = 0, ratio: int = RATIO_LIMIT, free: int = FREE) -> Iterator[bytes]:
    """What gzip data hold, a megabyte at a time. Broken when they are damaged, longer than a `limit`, or a decompression bomb."""
    told = 0
    try:
        with gzip.GzipFile(fileobj=file) as plain:
            while part := plain.read(1024 * 1024):
                told += len(part)
                if limit and told > limit:
                    raise Broken(f"it unpacks to more than {limit // 1024**2} MB")
                if told > free and told > ratio * file.tell():
                    raise Broken(f"it unpacks to more than {ratio} times its size: a decompression bomb")
                yield part
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise Broken(f"damaged gzip data: {fault}") from fault


class Inflating:
    """Gzip data that are read like the file that they hold; raises as `inflated_parts` does."""

    def __init__(self, file: BinaryIO) -> None:
        self._parts = inflated_parts(file)
        self._held = b""

    def peek(self) -> bytes:
        """The beginning of what will be read next; nothing at the end."""
        self._held = self._held or next(self._parts, b"")
        return self._held

    def read(self, _size: int, /) -> bytes:
        """The next megabyte at most; nothing at the end."""
        held, self._held = self.peek(), b""
        return held
