"""What a node is to have of the ledger, and what it tells of itself: every room says its part, and here it comes together."""

from stormlamp.faces.queries.entitled import Everything as Everything
from stormlamp.faces.queries.entitled import OfWards as OfWards
from stormlamp.faces.queries.entitled import entitlement as entitlement
from stormlamp.faces.queries.status import status as status
