"""Identifiers: text that names one thing for ever."""

import uuid
from functools import lru_cache
from typing import NewType

PatientId = NewType("PatientId", str)
AccountId = NewType("AccountId", str)
NodeId = NewType("NodeId", str)
WardId = NewType("WardId", str)
EntryKey = NewType("EntryKey", str)

_PATIENTS = uuid.UUID("6f0c1c4e-5d0a-5f86-9a55-7d3b3c0f2a11")


@lru_cache(maxsize=65536)
def patient_id(authority: str, number: str) -> PatientId:
    """The UUIDv5 of a number within its assigning authority: the same bare number from two authorities is two patients."""
    return PatientId(str(uuid.uuid5(_PATIENTS, f"{len(authority)}:{authority}|{number}")))


def new_id() -> str:
    """A random UUID as text, for things that a person creates."""
    return str(uuid.uuid4())
