"""Sentences for the refusals that no room of its own has: those of the kernel."""

SENTENCES: dict[str, str] = {
    "kernel.not-allowed": ("Your role does not include this. Ask your shift lead, or whoever gives out rights here."),
    "kernel.already-done": (
        "This was done before, and its record has since been removed as the hospital's retention rules ask."
        " Nothing was written again."
    ),
}
