"""What a node is to have of the ledger: every room says which entries tell of whom, and here it comes together."""

from stormlamp.faces.queries.entitled import Everything as Everything
from stormlamp.faces.queries.entitled import OfWards as OfWards
from stormlamp.faces.queries.entitled import entitlement as entitlement
