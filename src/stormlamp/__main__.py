"""`stormlamp`: opens the home that `--home` or STORMLAMP_HOME names, then hands over to the command.

The home decides the settings, so it must be known before the framework starts: `--home` and `--key-file` are taken out of the
arguments here, wherever they stand. Exit codes: 0 done, 1 trouble, 2 usage, 3 refused.
"""

import os
import sys
from pathlib import Path

DONE, TROUBLE, USAGE, REFUSED = 0, 1, 2, 3
# What stores nothing needs no home.
HOMELESS = ("map", "feed-coverage")
TAKEN = {"--home": "STORMLAMP_HOME", "--key-file": "STORMLAMP_KEY_FILE"}


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    import typer

    from stormlamp.kernel.refusals import Trouble

    try:
        rest, told = taken_out(arguments)
    except ValueError as error:
        return _say(str(error), USAGE)
    rest = rest or ["--help"]
    command = next((word for word in rest if not word.startswith("-")), "")
    asks_help = "--help" in rest or rest[0] == "--version"
    os.environ.update({name: value for name, value in told.items() if name != "STORMLAMP_HOME" or command not in ("init", "demo")})
    try:
        if command == "init" and not asks_help:
            from stormlamp.nodes.commands.joining import made_home

            os.environ["STORMLAMP_HOME"] = str(made_home(told.get("STORMLAMP_HOME"), rest))
        elif command == "demo" and not asks_help:
            from stormlamp.drills.commands.placing import made_demo

            os.environ["STORMLAMP_HOME"] = str(made_demo(told.get("STORMLAMP_HOME"), rest))
        elif not os.environ.get("STORMLAMP_HOME") and not asks_help and command not in HOMELESS:
            return _say("Say which home: --home DIR, or STORMLAMP_HOME.", USAGE)
        return _hand_over(rest)
    except Trouble as trouble:
        return _say(f"{trouble}\n{trouble.hint}".strip(), TROUBLE)
    except typer.TyperException as error:
        error.show(sys.stderr)  # type: ignore[attr-defined]  # all that Typer raises are shown so; their class is private
        return int(getattr(error, "exit_code", USAGE))


def taken_out(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """The arguments without --home and --key-file, and what those said; ValueError when one has no value."""
    rest, told, words = [], dict[str, str](), iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name in TAKEN:
            value = value if equals else next(words, "")
            if not value or (not equals and value.startswith("--")):
                raise ValueError(f"{name} needs a value")
            told[TAKEN[name]] = str(Path(value).expanduser().absolute())
        else:
            rest.append(word)
    return rest, told


def _hand_over(arguments: list[str]) -> int:
    import django
    import typer

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
    django.setup()
    from stormlamp.faces.commands import app
    from stormlamp.kernel.refusals import Refusal
    from stormlamp.ledger.troubles import told_as_trouble
    from stormlamp.shell.words import sentence

    try:
        with told_as_trouble("the database cannot be used"):
            answer = app(arguments, standalone_mode=False, prog_name="stormlamp")
    except Refusal as refusal:
        return _say(sentence(refusal), REFUSED)
    except typer.Abort:
        return _say("Stopped.", TROUBLE)
    except typer.TyperException as error:
        usage = getattr(getattr(error, "ctx", None), "get_usage", str)()
        return _say(f"{usage}\nError: {error.format_message()}".strip(), error.exit_code)
    return answer if isinstance(answer, int) else DONE


def _say(words: str, code: int) -> int:
    sys.stderr.write(words + "\n")
    return code


if __name__ == "__main__":
    main()
