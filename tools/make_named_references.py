"""Writes kilm/text/named_references.cpp: the named character references of HTML 5 that end in a semicolon, and
the two that MediaWiki adds. Run at the root of the checkout, then clang-format."""

import html.entities

HEAD = """// Made by tools/make_named_references.py.
#include "kilm/text/named_references.h"

namespace kilm {

"""

# Names of &rlm; in Hebrew and Arabic.
MEDIAWIKI = {"רלמ": "\u200f", "رلم": "\u200f"}


def quoted(text):
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def main():
    names = {name[:-1]: text for name, text in html.entities.html5.items() if name.endswith(";")} | MEDIAWIKI
    rows = sorted(names.items(), key=lambda row: row[0].encode())
    with open("kilm/text/named_references.cpp", "w") as file:
        file.write(HEAD)
        table = ", ".join('{"%s", %s}' % (name, quoted(text)) for name, text in rows)
        file.write(f"constexpr NamedReference kNamed[] = {{\n// sorted by bytes\n{table}}};\n\n")
        file.write("std::span<const NamedReference> named_references() { return kNamed; }\n\n}  // namespace kilm\n")


if __name__ == "__main__":
    main()
