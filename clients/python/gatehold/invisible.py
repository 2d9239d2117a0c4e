"""Characters that a reader can not see, or that change what is seen around them."""

import unicodedata

# Default_Ignorable_Code_Point (Unicode 15, DerivedCoreProperties.txt) outside the categories below, and the blank
# Braille pattern: letters, marks and symbols by category, but nothing on the screen.
_BLANK = frozenset(
    map(
        chr,
        [
            0x034F,
            *range(0x115F, 0x1161),
            *range(0x17B4, 0x17B6),
            *range(0x180B, 0x1810),
            0x2800,
            0x3164,
            *range(0xFE00, 0xFE10),
            0xFFA0,
            *range(0xE0100, 0xE01F0),
        ],
    )
)


def is_invisible(character: str) -> bool:
    """Whether the character is of category Cc, Cf, Cs, Co, Cn, Zl or Zp, or blank.

    That takes in bidirectional and zero-width characters. Spaces (Zs) are visible as such.
    """
    if character.isprintable():  # which leaves the categories Cc, Cf, Cs, Co, Cn, Zl, Zp, and Zs but for " "
        return character in _BLANK
    return unicodedata.category(character) != "Zs"
