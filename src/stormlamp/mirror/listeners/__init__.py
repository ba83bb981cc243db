"""The wires: MLLP listeners that acknowledge what has reached the disk, and the projector that follows them."""

from stormlamp.mirror.listeners.following import follow_feeds as follow_feeds
from stormlamp.mirror.listeners.serving import serve_feeds as serve_feeds
