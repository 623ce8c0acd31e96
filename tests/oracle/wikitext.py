"""Compares the paragraphs of `kilm prepare` with the text that mwparserfromhell gives for the same pages, and counts
paragraphs with markup left in them. Exit code 1 if either falls below its bar.

What differs, and why. mwparserfromhell leaves out every template, where ours writes units, dates, foreign words and
quotations (`template`); it keeps the punctuation around what it left out, as in "Foo (; born 1950)", and the list
signs of a line (`punctuation`); it takes 10<sup>-5</sup> for 10-5 (`number`); after a table or a tag that it cannot
pair it drops what follows, or keeps it as markup (`missing`: no line of its is like ours). What is none of those is
`other`, and of that there should be little: most are sentences that ours leaves out around a formula."""

import argparse
import bz2
import collections
import difflib
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import mwparserfromhell

LEFT_OVER = re.compile(r"\{\{|\}\}|\[\[|\]\]|''|</?[a-z!]|\||&[a-z]+;|&#|__[A-Z]+__")
CLEAN_BAR, OTHER_BAR = 0.997, 0.03


def pages(dump):
    """Title and wikitext of every page; of a title that comes twice, the first."""
    opened = bz2.open(dump) if dump.suffix == ".bz2" else open(dump, "rb")
    texts, title = {}, None
    with opened as file:
        for _, element in xml.etree.ElementTree.iterparse(file):
            tag = element.tag.rpartition("}")[2]
            if tag == "title":
                title = element.text
            elif tag == "text":
                texts.setdefault(title, element.text or "")
            elif tag == "page":
                element.clear()
    return texts


def prose(wikitext):
    """The text of a page without what both sides leave out, which strip_code() alone would keep."""
    code = mwparserfromhell.parse(wikitext)
    unwanted = code.filter_tags(matches=lambda tag: tag.tag.lower() in ("ref", "references", "gallery", "table"))
    unwanted += code.filter_wikilinks(matches=lambda link: re.match(r"\s*(File|Image|Category)\s*:", str(link.title), re.I))
    for node in unwanted:
        try:
            code.remove(node)
        except ValueError:
            pass  # inside of one that is gone
    return code.strip_code()


def our_paragraphs(dump, work):
    lines = pathlib.Path(work) / "paragraphs"
    subprocess.run(["build/kilm", "prepare", dump, "--paragraphs", lines], check=True, capture_output=True)
    return [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]


def normalised(text):
    text = re.sub("[\u200b\u200e\u200f\u00ad\u2060\ufeff]", "", html.unescape(text))
    return re.sub(r"\s+", " ", text).strip()


def letters(text):
    return re.sub(r"\W", "", text)


def nearest_line(text, lines):
    """Of theirs, the line that holds most of the words of ours; None if that is less than half of them."""
    words = set(text.split())
    line, its_words = max(lines, key=lambda line: len(words & line[1]) - 0.1 * len(line[1] - words))
    return line if 2 * len(words & its_words) >= len(words) else None


def kind_of(ours, theirs, wikitext):
    """The kind of difference between our paragraph and the line of theirs that is most like it, and what is other."""
    if theirs is None:
        return "missing", ""
    a, b = ours.split(), theirs.split()
    kinds = ["punctuation"]
    for _, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, False).get_opcodes():
        given, expected = " ".join(a[i1:i2]), " ".join(b[j1:j2])
        if letters(given) == letters(expected):
            continue
        if re.search("[⁰¹²³⁴-⁹⁺⁻]", given):
            kinds.append("number")
        elif len(given) > len(expected) and "{{" in wikitext and set(letters(expected)) <= set(letters(given)):
            kinds.append("template")
        else:
            around = " ".join(a[max(0, i1 - 3):i1])
            return "other", f"{around} | ours: {given[:80]} | theirs: {expected[:80]}"
    return max(kinds, key=["punctuation", "number", "template"].index), ""


def compare(dump, examples):
    with tempfile.TemporaryDirectory() as work:
        ours = our_paragraphs(dump, work)
    by_title = collections.defaultdict(list)
    for paragraph in ours:
        by_title[paragraph["title"]].append(normalised(paragraph["text"]))
    kinds, unclean = collections.Counter(), [p["text"] for p in ours if LEFT_OVER.search(p["text"])]
    wikitexts = pages(dump)
    for title, paragraphs in by_title.items():
        wikitext = wikitexts[title]
        stripped = prose(wikitext)
        theirs, lines = normalised(stripped), None  # as one line, and as lines with their words
        for text in paragraphs:
            if text in theirs:
                kinds["same"] += 1
                continue
            lines = lines or [(line, set(line.split())) for line in map(normalised, stripped.split("\n")) if line]
            kind, example = kind_of(text, nearest_line(text, lines), wikitext)
            kinds[kind] += 1
            if example and examples > 0:
                examples -= 1
                print(f"{title}: {example}", file=sys.stderr)
    return len(ours), unclean, kinds


def main():
    parser = argparse.ArgumentParser(prog="tools/compare wikitext", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+", type=pathlib.Path, metavar="DUMP", help="exports, plain or .bz2")
    parser.add_argument("--examples", type=int, default=10, help="differences to show for each dump")
    arguments = parser.parse_args()
    good = True
    columns = ["same", "punctuation", "number", "template", "missing", "other"]
    print(f"{'dump':<40}{'paragraphs':>11}{'clean':>9}" + "".join(f"{name:>13}" for name in columns))
    for dump in arguments.dumps:
        count, unclean, kinds = compare(dump, arguments.examples)
        clean = 1 - len(unclean) / count
        print(f"{dump.name:<40}{count:>11}{clean:>9.2%}" + "".join(f"{kinds[name] / count:>13.2%}" for name in columns))
        for text in unclean[:arguments.examples]:
            print(f"left over: {text[max(0, LEFT_OVER.search(text).start() - 40):][:100]}", file=sys.stderr)
        good = good and clean >= CLEAN_BAR and kinds["other"] / count <= OTHER_BAR
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
