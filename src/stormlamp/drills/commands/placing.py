"""The options of `demo`, read twice: once to make the home before there are settings, then by the command itself."""

from pathlib import Path
from typing import Annotated

import typer

from stormlamp.drills.engines.place import made_home
from stormlamp.drills.rules.stage import BEDS, SEED, SPEED

Story = Annotated[bool, typer.Option("--story", help="Walk the whole story unattended, say what happened, and leave.")]
Beds = Annotated[int, typer.Option(help="How many beds the hospital has.", min=32, max=2000)]
Speed = Annotated[float, typer.Option(help="How many seconds pass there in one real second.", min=1, max=900)]
Port = Annotated[int | None, typer.Option(help="Where the pages answer; 8420, or another free one, when not given.")]
Seed = Annotated[int, typer.Option(help="Another seed is another hospital.")]
Language = Annotated[str, typer.Option(help="en, fr, nl or de; a visitor may change it on every page.")]
Keep = Annotated[bool, typer.Option("--keep", help="Go on with the demonstration that is there.")]
PLACE = Path(".demo") / "home"


def made_demo(place: str | None, arguments: list[str]) -> Path:
    """The home that `demo` and its options describe, made; a usage error shows itself and leaves."""
    made: list[Path] = []

    def demo(
        story: Story = False, beds: Beds = BEDS, speed: Speed = SPEED, port: Port = None, seed: Seed = SEED,
        language: Language = "en", keep: Keep = False,
    ) -> None:  # fmt: skip
        path = Path(place or PLACE).absolute()
        made.append(made_home(path, beds=beds, seed=seed, speed=speed, port=port, language=language, keep=keep))

    alone = typer.Typer(add_completion=False)
    alone.command("demo")(demo)
    alone([word for word in arguments if word != "demo"], standalone_mode=False, prog_name="stormlamp demo")
    return made[0]
