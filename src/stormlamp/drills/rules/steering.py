"""What is wanted of the simulated hospital, and what it says of itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody wants of the simulated hospital.

    `shift` and `ahead` are names of wishes to be granted once: let the staff work for a while; let `hours` pass quickly.
    """

    dark: bool = False
    speed: float = 12.0
    shift: str = ""
    ahead: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What became of an interface's messages."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    resent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the simulator does: whether it is dark, at work, or hurrying; what it said; what the EHR answered."""

    running: bool = False
    dark: bool = False
    dark_since: int = 0
    lit_since: int = 0
    lived_to: int = 0
    working: bool = False
    hurrying: bool = False
    granted: tuple[str, ...] = ()
    said: dict[str, Said] = field(default_factory=dict)
    unsent: int = 0
    welcomed: int = 0
    deeds: int = 0
    deeds_planned: int = 0
    deeds_refused: tuple[str, ...] = ()
    ehr: dict[str, int] = field(default_factory=dict)
    hung_up: int = 0
