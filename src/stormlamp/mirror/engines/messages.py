"""Telling people by Apprise: SMTP, SMS gateways and modems, Matrix, ntfy and some hundred others, each by one address."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import apprise

from stormlamp.kernel.refusals import Trouble

LONGEST_REASON = 300


class AppriseMessenger:
    """The addresses of `[alarms]` in home.toml; Trouble at once when one of them is none."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._ways: dict[str, apprise.NotifyBase] = {}
        for number, url in enumerate(urls, 1):
            way = apprise.Apprise.instantiate(url, suppress_exceptions=True)
            if way is None:
                raise Trouble(f"address {number} of [alarms] is none that Apprise knows", hint="see docs/how-to/watch-the-feeds.md")
            self._ways[_name(url, number)] = way

    def targets(self) -> tuple[str, ...]:
        """`1 mailto mail.hospital.example`: the address without its people, passwords and paths."""
        return tuple(self._ways)

    def send(self, target: str, *, title: str, body: str) -> None:
        """Send, and say what Apprise complained about when the other side did not take it."""
        with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
            taken = self._ways[target].notify(title=title, body=body, notify_type=apprise.NotifyType.WARNING)
            told = " ".join(log.getvalue().split())
        if not taken:
            raise Trouble(told[:LONGEST_REASON] or "not taken, and no reason given", retry=True)


def _name(url: str, number: int) -> str:
    parts = urlsplit(url)
    return f"{number} {parts.scheme} {parts.hostname or ''}".strip()
