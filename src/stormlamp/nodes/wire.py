"""What nodes say to each other: MessagePack in zstandard, over HTTP with TLS. Anything else is BadMessage, whatever it holds."""

from typing import TypeVar

import msgspec
import zstandard

from stormlamp.ledger.rules.spans import Left, Span, Told

T = TypeVar("T")
VERSION = 1
LARGEST = 64 << 20


class BadMessage(ValueError):
    """What came is not what was to come."""


class JoinAsked(msgspec.Struct, array_like=True, frozen=True):
    """A node that shows the secret of its code. `certificate` (DER) is the one it will show from then on; `seal_key`: X25519."""

    version: int
    secret: str
    home: str
    public_key: bytes
    certificate: bytes
    seal_key: bytes = b""


class JoinAnswered(msgspec.Struct, array_like=True, frozen=True):
    """Who the node is now, in which hospital, and the keys that every node of it has."""

    node: str
    role: str
    wards: tuple[str, ...]
    hospital: str
    authority: str
    language: str
    zone: str
    hub: str
    hub_home: str
    hub_public_key: bytes
    shared: dict[str, bytes]


class PullAsked(msgspec.Struct, array_like=True, frozen=True):
    """What follows, of each origin, the entry named here? `wait`: for so many seconds while there is nothing.

    `status`, now and then: what the asking node says of itself.
    """

    version: int
    after: dict[str, int]
    wait: float = 0.0
    status: dict[str, str | int] = {}


class Pulled(msgspec.Struct, array_like=True, frozen=True):
    """The spans; how far every origin goes at the one who answers, and its clock (microseconds since 1970).

    `wanted` changes whenever the patients do whom the asking node is to hold. To who told its status: that of the one who answers,
    and what it knows of the others.
    """

    version: int
    node: str
    spans: list[Span]
    sizes: dict[str, int]
    wanted: str
    now: int
    status: dict[str, str | int] = {}
    others: dict[str, dict[str, str | int]] = {}


class Given(msgspec.Struct, array_like=True, frozen=True):
    """A span for the one who is called."""

    span: Span


class Reached(msgspec.Struct, array_like=True, frozen=True):
    """How far an origin goes now at who was given a span; `why` it was refused, else empty."""

    size: int
    why: str = ""


class Wanted(msgspec.Struct, array_like=True, frozen=True):
    """Whom the asking node is to hold whole; None: everybody."""

    patients: list[str] | None


class AboutAsked(msgspec.Struct, array_like=True, frozen=True):
    """Which entries of an origin, up to one, tell of these patients? `late`: also what was known later than it came."""

    origin: str
    patients: list[str]
    until: int
    late: bool = False


class FillAsked(msgspec.Struct, array_like=True, frozen=True):
    """Stretches that the asking node has left out, told anew with what tells of these patients."""

    origin: str
    patients: list[str]
    stretches: list[tuple[int, int]]
    late: bool = False


class Filled(msgspec.Struct, array_like=True, frozen=True):
    """For each stretch its first number and its parts."""

    stretches: list[tuple[int, list[Told | Left]]]


class Numbers(msgspec.Struct, array_like=True, frozen=True):
    """Numbers of entries."""

    sequences: list[int]


class Opening(msgspec.Struct, array_like=True, frozen=True):
    """What a bundle begins with: how far each origin goes at the one who made it. Spans follow."""

    sizes: dict[str, int]


def packed(message: msgspec.Struct) -> bytes:
    """The bytes of a message."""
    return zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(message))


def opened(raw: bytes, kind: type[T]) -> T:
    """A message of a kind; BadMessage when the bytes are none, or would unpack to more than 64 MiB."""
    try:
        if zstandard.get_frame_parameters(raw).content_size > LARGEST:
            raise BadMessage("it is too large")
        return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(raw, max_output_size=LARGEST), type=kind)
    except (zstandard.ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadMessage(f"it is no {kind.__name__}") from error
