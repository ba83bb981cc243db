"""`stormlamp demo`: a hospital that speaks, goes dark and comes back, on this machine, with nothing else needed."""

from typing import Any


def __getattr__(name: str) -> Any:
    """The command itself is looked up late: its home is made before there are settings, and its acts need them."""
    if name == "demo":
        from stormlamp.drills.commands.demonstrating import demo

        return demo
    raise AttributeError(name)
