"""Paper: plain values in, PDF pages out.

`print_pack`, `print_packs`, `print_statement` and `print_labels` are what other rooms call, with the values of
`stormlamp.paper.rules`.
"""

from stormlamp.paper.engines.typst import TypstPrinter
from stormlamp.paper.ports import Printer

_printer: Printer = TypstPrinter()
print_pack = _printer.print_pack
print_packs = _printer.print_packs
print_statement = _printer.print_statement
print_labels = _printer.print_labels

__all__ = ["Printer", "TypstPrinter", "print_labels", "print_pack", "print_packs", "print_statement"]
