"""Writes kilm/tokenizer/unicode_ranges.cpp: the letters and numbers of Unicode 16. Needs the package unicodedata2 16.0.0;
run at the root of the checkout, then clang-format."""

import unicodedata2

HEAD = """// Made by tools/make_unicode_ranges.py.
#include "kilm/tokenizer/unicode_ranges.h"

namespace kilm {
"""


def ranges(general_category):
    inside = [unicodedata2.category(chr(c))[0] == general_category for c in range(0x110000)] + [False]
    firsts = [c for c in range(0x110000) if inside[c] and not inside[c - 1]]
    lasts = [c for c in range(0x110000) if inside[c] and not inside[c + 1]]
    return ", ".join(f"{{0x{first:X}, 0x{last:X}}}" for first, last in zip(firsts, lasts))


def main():
    assert unicodedata2.unidata_version == "16.0.0"
    with open("kilm/tokenizer/unicode_ranges.cpp", "w") as file:
        file.write(HEAD)
        for name, category in (("letter", "L"), ("number", "N")):
            file.write(f"\nstatic constexpr CodepointRange k{name.title()}s[] = {{{ranges(category)}}};\n\n")
            file.write(f"std::span<const CodepointRange> {name}_ranges() {{ return k{name.title()}s; }}\n")
        file.write("\n}  // namespace kilm\n")


if __name__ == "__main__":
    main()
