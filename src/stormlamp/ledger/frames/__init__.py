"""Payloads and resources on the disk: zstandard frames made with dictionaries that travel with the program.

A message is short, so that most of what could be left out of it is known before it comes: names of segments, code systems, the
shape of a fact. A dictionary holds just that, out of a simulated hospital and never out of a real one, so that no person's data
lies in it and a purge is whole. A frame's header names its dictionary; one that was ever written with is never changed or removed.
"""

import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import zstandard

LARGEST = 1 << 30
NEWEST = 40001
RESOURCES = 40002  # of R4 resources as tables hold them
SHIPPED = (0, 40001, 40002)  # 0 is none: the frames of earlier versions
_LEVEL = 1
_UNUSED_BIT = 0x10  # RFC 8878 3.1.1.1.1.5: decoders pass over it, so we look
_local = threading.local()


def squeezed(payload: bytes, dictionary: int = NEWEST) -> bytes:
    """The stored frame of a payload."""
    return squeezer(dictionary)(payload)


def squeezer(dictionary: int) -> Callable[[bytes], bytes]:
    """What makes stored frames with a dictionary, on this thread."""
    held: dict[int, Callable[[bytes], bytes]] | None = getattr(_local, "squeeze", None)
    if held is None:
        held = _local.squeeze = {}
    if dictionary not in held:
        held[dictionary] = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_to_squeeze(dictionary)).compress
    return held[dictionary]


def stretched(frame: bytes) -> bytes:
    """The payload bytes of a stored frame; zstandard.ZstdError when it is damaged."""
    return stretcher()(frame)


def stretcher() -> Callable[[bytes], bytes]:
    """What reads stored frames, as `stretched` does, on this thread."""
    found: Callable[[bytes], bytes] | None = getattr(_local, "stretcher", None)
    if found is None:
        found = _local.stretcher = _made_stretcher()
    return found


def _made_stretcher() -> Callable[[bytes], bytes]:
    held: dict[int, Callable[..., bytes]] = {}

    def stretch(frame: bytes) -> bytes:
        told = zstandard.get_frame_parameters(frame)
        if frame[4] & _UNUSED_BIT or told.content_size > LARGEST:
            raise zstandard.ZstdError("the frame's header says what no writer of ours says")
        number = told.dict_id
        if number not in held:
            held[number] = _decompressor(number).decompress
        return held[number](frame, allow_extra_data=False)

    return stretch


def _decompressor(number: int) -> Any:
    if number not in SHIPPED:
        raise zstandard.ZstdError(f"the frame wants dictionary {number}, which no writer of ours had")
    return zstandard.ZstdDecompressor(dict_data=_dictionary(number)) if number else zstandard.ZstdDecompressor()


@cache
def _dictionary(number: int) -> Any:
    return zstandard.ZstdCompressionDict(files(__package__).joinpath(f"{number}.zdict").read_bytes())


@cache
def _to_squeeze(number: int) -> Any:
    found = _dictionary(number)
    found.precompute_compress(level=_LEVEL)
    return found
