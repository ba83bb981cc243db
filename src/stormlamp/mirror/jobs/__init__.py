"""What the watch does by itself: look at the interfaces, ask machines, time the probes, tell people."""

from stormlamp.mirror.jobs.hosts import HostWatch as HostWatch
from stormlamp.mirror.jobs.probing import Probing as Probing
from stormlamp.mirror.jobs.telling import Telling as Telling
from stormlamp.mirror.jobs.watching import Watch as Watch
