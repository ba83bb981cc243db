"""The house: its floors, the files a room may hold, who may import whom, and every reviewed exception with its reason.

Adding a line here is a decision about the architecture: it needs an ADR, or the reason beside it.
"""

# Highest first. Rooms on one line are siblings; a room imports only rooms on lower lines.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("faces",),
    ("drills",),
    ("verdict",),
    ("transfers", "recovery"),
    ("charts", "imaging", "desk", "comms", "forensics"),
    ("incident", "mirror", "numbers"),
    ("shell", "paper"),
    ("people",),
    ("nodes",),
    ("ledger",),
    ("kernel",),
)
FLOOR = {room: number for number, floor in enumerate(reversed(FLOORS)) for room in floor}

# Beside the rooms.
BESIDE = {"__init__", "__main__", "settings", "wsgi"}

# What each kind of file may import from its own room. A kind that is not here does not exist.
FACE = frozenset(
    {"rules", "facts", "models", "projections", "queries", "actions", "jobs", "ports", "engines", "forms"}
    | {"presenters", "wire", "mapping"}
)
OWN: dict[str, frozenset[str]] = {
    "rules": frozenset(),
    "wire": frozenset({"rules"}),
    "mapping": frozenset({"rules", "wire"}),
    "facts": frozenset({"rules"}),
    "models": frozenset({"rules"}),
    "projections": frozenset({"facts", "models", "rules", "wire", "mapping"}),
    "queries": frozenset({"models", "rules"}),
    "actions": frozenset({"facts", "queries", "rules"}),
    "jobs": frozenset({"actions", "queries", "rules"}),
    "ports": frozenset({"rules"}),
    "engines": frozenset({"ports", "rules", "wire"}),
    "forms": frozenset({"presenters", "queries", "rules"}),
    "presenters": frozenset({"queries", "rules"}),
    "views": FACE,
    "api": FACE,
    "commands": FACE | {"listeners"},
    "listeners": FACE,
    "urls": frozenset({"views", "api"}),
    "apps": FACE,
    "__init__": frozenset(),
}
FOLDERS = {"migrations", "templates", "static", "locale"}

# What a room shows to other rooms.
DOORS = {"rules", "facts", "queries", "actions", "wire", "urls", "api"}

# Kinds whose whole reach is the kernel: no framework, no database, no other room.
PURE = {"rules", "wire"}
# A codec that carries another room's rules as they are.
CARRIES: dict[str, tuple[str, str]] = {
    "nodes/wire.py": ("stormlamp.ledger.rules.spans", "a span travels in just the shape in which the ledger proves it"),
}
# Kinds that may not ask what time it is: time comes in as an argument, or with the entry.
TIMELESS = {"rules", "wire", "mapping", "facts", "models", "projections", "queries", "actions"}

# ---------------------------------------------------------------------- reviewed exceptions, each with its reason

# Files outside the table.
FILES: dict[str, dict[str, str]] = {
    "kernel": {
        "actors": "the kernel is words, not a capability: one file per word",
        "identifiers": "the kernel is words",
        "moments": "the kernel is words",
        "refusals": "the kernel is words",
    },
    "ledger": {
        "acts": "what @act and @look do around a decision",
        "clock": "time is a port of its own, asked by faces and listeners",
        "entries": "the chained log itself: append and read",
        "feeds": "the group commit that listeners share",
        "fields": "columns of other rooms that the disk holds squeezed",
        "frames": "payloads as they lie on the disk, and the dictionaries that read them for ever",
        "locks": "who takes the write lock when, and who folds the log",
        "once": "checks the index of once keys and makes it again",
        "overlapping": "another node's entries that begin before an origin ends here: filled in, and joined on",
        "projector": "drives every room's projections",
        "rebuilding": "drops the projections and makes them again",
        "receiving": "another node's entries: proven, then written",
        "rows": "the three forms that a projection may write",
        "sharing": "stretches of an origin, made provable for another node",
        "signers": "whose key an origin's checkpoints are checked with",
        "troubles": "which errors of the database are the disk's, and what helps",
        "verifying": "checks every digest, link and signature",
    },
    "shell": {
        "request": "who asks, with which right: the frame around every view",
        "words": "languages, moments and numbers as text",
        "catalogues": "reads the rooms' translations",
        "band": "the one line of truth on every page and print",
        "components": "the template engine's macros, as Python for views and tests",
        "environment": "the template engine's names",
    },
    "faces": {
        "site": "the site map: composes the rooms' urls",
    },
}

# What other rooms may take from a room beside its doors.
OPEN: dict[str, dict[str, str]] = {
    "kernel": {"*": "words everything shares"},
    "ledger": {
        "": "its package names are the door: fact, act, look, projects and the forms of a projection",
        "acts": "faces shows how many looks are still unwritten",
        "clock": "faces and listeners ask the time there",
        "entries": "a message is read back as it came",
        "feeds": "listeners commit there",
        "locks": "listeners give way to each other there",
        "overlapping": "nodes write there what came on a stick",
        "projector": "commands project what is behind",
        "rebuilding": "the command line rebuilds",
        "receiving": "nodes write there what they took from another",
        "sharing": "nodes read there what they give to another",
        "signers": "nodes say whose key it is",
        "troubles": "the front doors tell a failing disk from a fault of ours",
        "verifying": "the command line verifies",
    },
    "shell": {
        "request": "the frame around every view",
        "words": "words for every face",
        "band": "faces composes the band",
        "components": "faces composes the navigation out of them",
        "forms": "days, moments, once keys and typed words are typed the same way everywhere",
    },
    "paper": {"": "its package names are the door: what prints, the same for every room"},
    "nodes": {
        "engines": "the settings open the home before the framework runs",
        "ports": "what a node is to have is decided in the rooms above, who know which patient lies where",
    },
}

# Writes of tables outside projections: tables of kind local, which no other node ever sees.
WRITERS: dict[str, str] = {
    "nodes/jobs.py": "whom this node met and holds is its own: local tables",
    "mirror/jobs/keeping.py": "what the watch saw last and how long probes took is this node's own: local tables",
}

# Imports that point up: (room, room above) -> the kinds that may, and why.
UPWARD: dict[tuple[str, str], tuple[set[str], str]] = {
    ("people", "shell"): (
        {"views", "forms", "presenters", "listeners"},
        "signing in has pages too, and they stand in the same frame; the shell itself never imports people: it is told "
        "who asks by people's middleware",
    ),
    ("nodes", "shell"): (
        {"views", "forms", "presenters"},
        "the board of all nodes is a page like any other, in the same frame; the shell itself never imports nodes",
    ),
}

# What the front doors alone may also take from a room: they compose one site and one command line out of all rooms.
COMPOSERS = {"faces", ""}
COMPOSED = {"commands", "listeners", "presenters"}

# Imports inside a room beside the table: (room, kind, kind imported).
INDOORS: dict[tuple[str, str, str], str] = {
    ("mirror", "queries", "facts"): "a message is shown as it came: its fact is read back from the ledger",
    ("mirror", "actions", "wire"): "a file is cut into messages before there is a fact to act on",
    ("mirror", "jobs", "models"): "what the watch saw last is a local table of this node, which a job keeps",
    ("mirror", "jobs", "ports"): "a job is handed the ways to tell people and to ask systems through the ports",
    ("nodes", "jobs", "models"): "whom this node met and holds are local tables, which a job keeps",
    ("nodes", "jobs", "ports"): "another node is handed to a job through the port",
    ("nodes", "jobs", "wire"): "a meeting is questions and answers of the wire",
    ("nodes", "queries", "engines"): "the home is opened before the framework runs; the query only hands it out",
    ("paper", "engines", "presenters"): "what a printer is given is the pack in words: the presenters choose them",
    ("recovery", "jobs", "mapping"): "an item is written out as a message when it is its turn to go",
    ("recovery", "jobs", "ports"): "the EHR that a job sends to is handed to it through the port",
    ("paper", "presenters", "wire"): "which characters the shipped fonts can print is a codec of the font files",
}

# Modules that may catch everything.
CATCHES_ALL: dict[str, str] = {
    "ledger/projector.py": "law 2: a projection that fails on an entry puts it on the visible aside list and goes on",
    "mirror/projections/v2.py": "law 4: a message that the mapping fails on is kept, marked, counted and shown",
    "mirror/projections/r4.py": "law 4: a resource that the mapping fails on is kept, marked, counted and shown",
}

# Kinds that may measure how long something takes, by the monotonic clock: they wait, retry and time out.
MEASURING = {"listeners", "engines", "commands"}
# Modules outside the clock port that read a clock.
CLOCKS: dict[str, str] = {
    "ledger/clock.py": "the clock port itself",
    "ledger/projector.py": "measures how long a batch holds the write lock",
}

# Pure modules that may take `random`: seeded, so that it throws the same each time.
SEEDED: dict[str, str] = {
    "drills/rules/dice.py": "the simulated hospital's dice: the same seed tells the same story",
}

# Words that hide what a thing is for.
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "processor", "misc"}
VAGUE_ALLOWED: dict[str, str] = {
    "mirror/listeners/polling.py:do_POST": "http.server calls the method of a request by this name",
    "nodes/listeners/serving.py:do_POST": "http.server calls the method of a request by this name",
    "mirror/listeners/polling.py:do_PUT": "http.server calls the method of a request by this name",
    "people/queries/credentials.py:common_passwords": "the passwords that many people choose",
}
