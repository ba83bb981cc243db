"""Who signs an origin's checkpoints: this node its own, every other node with the key that it joined with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.utils.module_loading import import_string

from stormlamp.ledger.rules.checkpoints import BadCheckpoint, Checkpoint, opened_note


@dataclass(frozen=True, slots=True)
class Signer:
    """A node's home by its id, and the 32 bytes of its Ed25519 key. `kept`, of a revoked one: how far each origin counts."""

    home: str
    public_key: bytes
    kept: Mapping[str, int] | None = None

    def log_name(self, origin: str) -> str:
        """What its checkpoints call an origin."""
        return f"stormlamp/{self.home}/{origin}"

    def opened(self, origin: str, note: str) -> Checkpoint:
        """The checkpoint in a note that it signed for this origin; BadCheckpoint when it did not."""
        found = opened_note(note, name=self.log_name(origin), public_key=self.public_key, check=self._signed)
        if found.log != self.log_name(origin):
            raise BadCheckpoint("it is another log's")
        return found

    def _signed(self, signature: bytes, text: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


def signer_of(origin: str) -> Signer | None:
    """Who signs an origin; None when no node of that name is known here."""
    node = origin.partition("/")[0]
    if node == settings.HOME.node:
        return Signer(settings.HOME.id, settings.HOME.public_key())
    known = getattr(settings, "STORMLAMP_SIGNERS", None)
    found: Signer | None = import_string(known)(node) if known else None
    return found


def counts_until(origin: str) -> int | None:
    """The last entry of an origin that counts, since its node was revoked then; None: all of them do."""
    if origin.partition("/")[0] == settings.HOME.node:
        return None
    signer = signer_of(origin)
    return None if signer is None or signer.kept is None else signer.kept.get(origin, 0)


def in_order(origins: Iterable[str]) -> list[str]:
    """Origins in the order in which they are read: first the acts of the hub, which say whose entries count."""
    hub = settings.HOME.hub
    first = f"{hub.node if hub is not None else settings.HOME.node}/acts"
    return sorted(origins, key=lambda one: (one != first, one))
