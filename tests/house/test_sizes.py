"""Nothing is so long that it cannot be read at once."""

from collections.abc import Iterable, Iterator

from tests.house.tree import Module, functions, modules, nothing, planted

FUNCTION, MODULE = 40, 400


def long_ones(found: Iterable[Module]) -> Iterator[str]:
    """Functions over 40 lines and modules over 400."""
    for module in found:
        if (lines := module.text.count("\n")) > MODULE:
            yield f"{module.path}: {lines} lines"
        for function in functions(module):
            if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION:
                yield f"{module.at(function)} {function.name}: {lines} lines"


def test_no_function_is_over_40_lines_and_no_module_over_400():
    nothing(long_ones(modules()))


def test_a_long_function_and_a_long_module_are_found():
    function = "def move():\n" + "    pass\n" * FUNCTION
    assert len(list(long_ones([planted("charts/rules.py", function)]))) == 1
    assert len(list(long_ones([planted("charts/rules.py", "\n" * (MODULE + 1))]))) == 1
    assert list(long_ones([planted("charts/rules.py", "def move():\n" + "    pass\n" * (FUNCTION - 1))])) == []
