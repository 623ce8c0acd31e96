"""Compares the paragraphs of `kilm prepare` with the text that mwparserfromhell and wikitextparser give for the same
pages, and counts paragraphs with markup left in them. Exit code 1 if any falls below its bar.

What differs, and why; where both do the same, "they" do it.
template     They leave out every template, where ours writes units, dates, foreign words and quotations.
punctuation  They keep the punctuation around what they left out, as in "Foo (; born 1950)" or "(pronounced )", and join
             the words around a template that is a space or a dash, "24August".
number       They take 10<sup>-5</sup> for 10-5, and 10<sub>2</sub> for 102.
sentence     They keep a sentence without its formula or unknown template, "the sum of and is", and one that leads to a
             list that is not prose, "The parts are:"; wikitextparser keeps formulas as TeX. Ours leaves those out.
markup       They keep markup: mwparserfromhell a reference behind italics or a link that it cannot pair, wikitextparser
             bars and backslashes of formulas.
missing      No line of theirs is like ours. Both leave out quotations that are arguments of templates; mwparserfromhell
             also drops what follows a table or tag that it cannot pair.
other        None of these; of that there should be little. Known: both show "Foo#bar" for a link to a section, where ours
             shows "Foo"."""

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
import wikitextparser

LEFT_OVER = re.compile(r"\{\{|\}\}|\[\[|\]\]|''|</?[a-z!]|\||&[a-z]+;|&#|__[A-Z]+__")
UNWANTED_TAGS = ("ref", "references", "gallery", "table")
UNWANTED_LINK = re.compile(r"\s*(File|Image|Category)\s*:", re.I)
EMPTY_PARENTHESES = re.compile(r"\((?:\W|or|and|pronounced|e\.g\.|i\.e\.|see)*\)|, pronounced(?= *\.)")
CLEAN_BAR, OTHER_BAR = 0.997, 0.01
KINDS = ["same", "punctuation", "number", "template", "sentence", "markup", "missing", "other"]


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


# Each gives the text of a page without what all sides leave out, which the packages alone would keep.


def mwparserfromhell_text(wikitext):
    code = mwparserfromhell.parse(wikitext)
    unwanted = code.filter_tags(matches=lambda tag: tag.tag.lower() in UNWANTED_TAGS)
    unwanted += code.filter_wikilinks(matches=lambda link: UNWANTED_LINK.match(str(link.title)))
    for node in unwanted:
        try:
            code.remove(node)
        except ValueError:
            pass  # inside of one that is gone
    return code.strip_code()


def wikitextparser_text(wikitext):
    code = wikitextparser.parse(wikitext)
    for name in UNWANTED_TAGS:
        for tag in reversed(code.get_tags(name)):
            del tag[:]
    for link in reversed(code.wikilinks):
        if UNWANTED_LINK.match(link.title):
            del link[:]
    return code.plain_text(replace_tables=lambda table: "")


PEERS = {"mwparserfromhell": mwparserfromhell_text, "wikitextparser": wikitextparser_text}


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
    a, b = ours.split(), EMPTY_PARENTHESES.sub("", theirs).split()
    kinds = ["punctuation"]
    for _, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, False).get_opcodes():
        given, expected = " ".join(a[i1:i2]), " ".join(b[j1:j2])
        if letters(given) == letters(expected):
            continue
        if re.search("[⁰¹²³⁴-⁹⁺⁻₀-₉]", given):
            kinds.append("number")
        elif LEFT_OVER.search(expected):
            kinds.append("markup")
        elif not given and (i1 == 0 or ends_sentence(a[i1 - 1])) and (j2 == len(b) or ends_sentence(expected)):
            kinds.append("sentence")
        elif len(given) > len(expected) and "{{" in wikitext and set(letters(expected)) <= set(letters(given)):
            kinds.append("template")
        else:
            around = " ".join(a[max(0, i1 - 3):i1])
            return "other", f"{around} | ours: {given[:80]} | theirs: {expected[:80]}"
    return max(kinds, key=KINDS.index), ""


def ends_sentence(words):
    return words.rstrip("\"')”").endswith((".", "!", "?", ":"))


def compare(ours, wikitexts, peer, examples):
    """How many of our paragraphs differ from the text of a peer, by kind."""
    kinds = collections.Counter()
    for title, paragraphs in ours.items():
        stripped = PEERS[peer](wikitexts[title])
        theirs, lines = normalised(stripped), None  # as one line, and as lines with their words
        for text in paragraphs:
            if text in theirs:
                kinds["same"] += 1
                continue
            lines = lines or [(line, set(line.split())) for line in map(normalised, stripped.split("\n")) if line]
            kind, example = kind_of(text, nearest_line(text, lines), wikitexts[title])
            kinds[kind] += 1
            if example and examples > 0:
                examples -= 1
                print(f"{peer}: {title}: {example}", file=sys.stderr)
    return kinds


def main():
    parser = argparse.ArgumentParser(prog="tools/compare wikitext", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+", type=pathlib.Path, metavar="DUMP", help="exports, plain or .bz2")
    parser.add_argument("--examples", type=int, default=10, help="differences to show for each dump and package")
    arguments = parser.parse_args()
    good = True
    print(f"{'dump':<32}{'paragraphs':>11}{'clean':>9}  {'against':<17}" + "".join(f"{name:>12}" for name in KINDS))
    for dump in arguments.dumps:
        with tempfile.TemporaryDirectory() as work:
            paragraphs = our_paragraphs(dump, work)
        by_title = collections.defaultdict(list)
        for paragraph in paragraphs:
            by_title[paragraph["title"]].append(normalised(paragraph["text"]))
        unclean = [p["text"] for p in paragraphs if LEFT_OVER.search(p["text"])]
        for text in unclean[:arguments.examples]:
            print(f"left over: {text[max(0, LEFT_OVER.search(text).start() - 40):][:100]}", file=sys.stderr)
        clean = 1 - len(unclean) / len(paragraphs)
        good = good and clean >= CLEAN_BAR
        wikitexts = pages(dump)
        for peer in PEERS:
            kinds = compare(by_title, wikitexts, peer, arguments.examples)
            print(f"{dump.name[:31]:<32}{len(paragraphs):>11}{clean:>9.2%}  {peer:<17}" +
                  "".join(f"{kinds[name] / len(paragraphs):>12.2%}" for name in KINDS), flush=True)
            good = good and kinds["other"] / len(paragraphs) <= OTHER_BAR
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
