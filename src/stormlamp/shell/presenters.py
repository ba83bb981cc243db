"""Sentences for the refusals that no room of its own has: those of the kernel."""

SENTENCES: dict[str, str] = {
    "kernel.not-allowed": (
        "Your role does not include this. Ask your shift lead, or whoever gives out rights here."
    ),
}
