"""What a fact is, how one is declared, and the facts of the ledger itself.

A fact is a frozen value that names something which happened. Its fields are what MessagePack carries: text, numbers, bytes, None,
tuples, dicts, enumerations and other frozen dataclasses. Fields typed PatientId, or a tuple of them, are the entry's subjects.
"""

import dataclasses
import typing
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import msgspec

from stormlamp.kernel.identifiers import PatientId

T = TypeVar("T")


class Payload(msgspec.Struct, array_like=True, frozen=True):
    """The salted part of an entry. `once` starts with 1 or n: whether its act wrote one fact or several."""

    actor: str
    actor_name: str
    act: str
    at: int
    subjects: tuple[str, ...]
    type: str
    version: int
    once: str
    body: msgspec.Raw


@dataclasses.dataclass(frozen=True, slots=True)
class FactType:
    """A declared fact: its class, and the fields that hold patients."""

    name: str
    version: int
    cls: type
    subject_fields: tuple[str, ...]


FACTS: dict[str, FactType] = {}
_NAMES: dict[type, FactType] = {}
_encoder = msgspec.msgpack.Encoder()
_payloads = msgspec.msgpack.Decoder(Payload)
_bodies: dict[type, msgspec.msgpack.Decoder[Any]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(name: str, *, version: int = 1) -> Callable[[type[T]], type[T]]:
    """Declare a fact: its lasting name, and a version that rises when its shape changes."""

    def declare(cls: type[T]) -> type[T]:
        frozen = dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = typing.get_type_hints(frozen)
        subjects = tuple(field for field, hint in hints.items() if _holds_patients(hint))
        declared = FactType(name, version, frozen, subjects)
        if name in FACTS:
            raise TypeError(f"two facts are named {name}")
        FACTS[name] = _NAMES[frozen] = declared
        return frozen

    return declare


def fact_type(value: object) -> FactType:
    """The declaration of a fact; TypeError when it is none."""
    try:
        return _NAMES[type(value)]
    except KeyError:
        raise TypeError(f"{type(value).__name__} is not a fact") from None


def payload_of(value: object, *, actor: str, actor_name: str, act: str, at: int, once: str) -> Payload:
    """A fact with who, by which act, when: what an entry salts."""
    declared = fact_type(value)
    subjects = tuple(_subjects(declared, value))
    body = msgspec.Raw(_encoder.encode(value))
    return Payload(actor, actor_name, act, at, subjects, declared.name, declared.version, once, body)


def packed(payload: Payload) -> bytes:
    """The bytes of a payload."""
    return _encoder.encode(payload)


def opened(payload: bytes) -> Payload:
    """The payload of stored bytes; msgspec.DecodeError when they are damaged."""
    try:
        return _payloads.decode(payload)
    except UnicodeDecodeError as error:  # msgspec's one error that is not its own
        raise msgspec.DecodeError(str(error)) from error


def body_as(payload: Payload, cls: type[T]) -> T:
    """The fact in a payload as a value of `cls`; fields that `cls` lacks are passed over."""
    decoder = _bodies.get(cls)
    if decoder is None:
        decoder = _bodies[cls] = msgspec.msgpack.Decoder(cls)
    try:
        return typing.cast("T", decoder.decode(payload.body))
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


DAMAGED = Payload("", "", "", 0, (), "ledger.damaged-payload", 1, "", msgspec.Raw(b"\xc0"))


def _holds_patients(hint: Any) -> bool:
    return hint is PatientId or any(_holds_patients(inner) for inner in typing.get_args(hint))


def _subjects(declared: FactType, value: object) -> typing.Iterator[str]:
    for field in declared.subject_fields:
        held = getattr(value, field)
        if isinstance(held, str):
            yield held
        elif held is not None:
            yield from held


@fact("ledger.act-refused")
class ActRefused:
    """The rules said no to somebody: which act, the refusal's code, and its facts as text."""

    act: str
    code: str
    facts: dict[str, str]


@fact("ledger.looked")
class Looked:
    """Somebody read a patient's data; once per person, patient and hour."""

    look: str
    patient: PatientId


@fact("ledger.payloads-purged")
class PayloadsPurged:
    """Payloads were removed for good; their headers stay, so the chain still verifies. Entries as `origin:sequence`."""

    entries: tuple[str, ...]
    reason: str
