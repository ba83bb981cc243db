"""What a node is to have of the ledger: every room says which entries tell of whom, and here it comes together."""

from stormlamp.faces.queries.entitlement import Everything as Everything
from stormlamp.faces.queries.entitlement import OfWards as OfWards
from stormlamp.faces.queries.entitlement import entitlement as entitlement
