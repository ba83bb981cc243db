"""What the front doors ask of several rooms at once."""

from collections.abc import Collection

from stormlamp.kernel.identifiers import PatientId
from stormlamp.nodes.ports import Entitlement


class _Everything:
    """The entitlement of who holds everybody."""

    def patients(self) -> None:
        return None

    def told(self, origin: str, first: int, last: int) -> None:
        del origin, first, last

    def about(self, origin: str, patients: Collection[PatientId], until: int) -> Collection[int]:
        del origin, patients, until
        return ()


def entitlement(wards: tuple[str, ...], everyone: bool) -> Entitlement:
    """What a node of these wards is to have."""
    del wards, everyone
    return _Everything()
