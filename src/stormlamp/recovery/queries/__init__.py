"""Questions about the hand-back: the items, their states, and the sum that closes."""

from stormlamp.recovery.queries.board import Belongs as Belongs
from stormlamp.recovery.queries.board import Board as Board
from stormlamp.recovery.queries.board import BoardRow as BoardRow
from stormlamp.recovery.queries.board import board as board
from stormlamp.recovery.queries.board import burn_down as burn_down
from stormlamp.recovery.queries.board import counts as counts
from stormlamp.recovery.queries.board import open_count as open_count
from stormlamp.recovery.queries.board import whose as whose
from stormlamp.recovery.queries.evidence import ours as ours
from stormlamp.recovery.queries.evidence import picture as picture
from stormlamp.recovery.queries.items import item as item
from stormlamp.recovery.queries.items import items as items
from stormlamp.recovery.queries.items import plan as plan
from stormlamp.recovery.queries.items import real_outages as real_outages
from stormlamp.recovery.queries.items import standing as standing
from stormlamp.recovery.queries.past import Past as Past
from stormlamp.recovery.queries.past import Run as Run
from stormlamp.recovery.queries.past import Standoff as Standoff
from stormlamp.recovery.queries.past import conflicts as conflicts
from stormlamp.recovery.queries.past import history as history
from stormlamp.recovery.queries.past import last_answer_at as last_answer_at
from stormlamp.recovery.queries.past import latest_run as latest_run
from stormlamp.recovery.queries.past import sent_bytes as sent_bytes
from stormlamp.recovery.queries.past import standoff as standoff
from stormlamp.recovery.queries.past import strike as strike
