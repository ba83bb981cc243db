"""ODS and ODT to NutritionOrder. The guide has no map for them; the order around them is ORC's as ever."""

from __future__ import annotations

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, equals, given, missing, whole
from stormlamp.mirror.mapping.types.codes import codeable, words
from stormlamp.mirror.wire.hl7 import Segment

# ODS-1, table 0159: a diet, a supplement, or what the patient would rather eat. A period (ODS-2) is a meal of the day.
_DIET, _SUPPLEMENT, _PREFERENCE = equals(1, "D", ""), equals(1, "S"), equals(1, "P")


def _only_words(reading: Reading, segment: Segment) -> bool:
    return _PREFERENCE(reading, segment) and missing(3)(reading, segment)


DIET = Table(
    "NutritionOrder",
    Row(2, "oralDiet.type[]", codeable(), _DIET),
    Row(3, "oralDiet.type[]", codeable(), _DIET),
    Row(4, "oralDiet.instruction", whole, _DIET),
    Row(3, "supplement[].type", codeable(), _SUPPLEMENT),
    Row(4, "supplement[4].instruction", whole, _SUPPLEMENT),
    Row(3, "foodPreferenceModifier[]", codeable(), _PREFERENCE),
    Row(4, "foodPreferenceModifier[].text", whole, _only_words),
    Row(4, "note[].text", whole, lambda reading, segment: _PREFERENCE(reading, segment) and given(3)(reading, segment)),
)
# The tray: early, late, guest, ...
TRAY = Table("NutritionOrder", Row(1, "note[].text", words), Row(3, "note[].text", whole))
