"""`kilm tokenizer` against Hugging Face's tokenizers: ids of a million lines, bytes back, and what both learn."""

import itertools
import json
import random

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

import bart
import kilm

REAL = kilm.ROOT.parent / "shared/data/bart-tokenizer"  # BART's own, where it is at hand
SHAKESPEARE = kilm.ROOT.parent / "shared/data/text/tinyshakespeare.txt"
LINES, QUICK_LINES, AT_ONCE = 1_000_000, 20_000, 5_000
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
MODES = {  # options of kilm: a space in front, special tokens parsed
    (): (False, False), ("--prefix-space",): (True, False), ("--parse-special",): (False, True),
    ("--prefix-space", "--parse-special"): (True, True)}

WORDS = (
    "the of and in river Mountain STONE it's they'll WE'VE don't I'm he'd y'all '' 's 'S ’s naïve straße été İstanbul "
    "ǅ Über река вода Ελλάδα ὕδωρ 山川 東京都 こんにちは カタカナ 한국어 नदी पानी மலை ภูเขา نهر ماء עִבְרִית ქართული አማርኛ "
    "ᚠᚢᚦ 1984 20th 3.14159 1,000,000 ½ ² Ⅷ ٣٤ १२ 𝟙𝟚 0x1F 1e-9").split(" ")
CODE = ["if (x == 0) { return -1; }", "def f(self, *args):", "std::vector<int>& v", "a[i] += b[j] * 0.5f;",
        "#include <map>", "SELECT * FROM t WHERE id='7';", "https://example.org/a?b=c&d=%20",
        "{{Infobox|name=[[River]]}}", "<div class=\"x\">", "\\frac{1}{2}$", "--no-repeat-ngram-size=3", "__init__.py",
        "user@host:~$ ls -la | wc", "C:\\temp\\new"]
EMOJI = ["🙂", "👩‍🔬", "👍🏽", "🇩🇪", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
BLANKS = [" ", "  ", "   ", "\t", "\r", "\v", "\f", "\x1c", "\x85", "\xa0", "\u1680", "\u2003", "\u200b", "\u2028",
          "\u3000", "\ufeff", " \t "]
CONTROLS = [chr(i) for i in [*range(10), *range(11, 32), *range(127, 160)]] + ["\ufffd", "\ufffe", "\U0010ffff"]
TOKENS = [*SPECIAL, *bart.KILM, " <mask>", "\u3000<mask>", "<mask", "<<mask>>", "< mask >", "<s>x</s>"]


def random_character(draw):
    code = draw.choice([0x80, 0x800, 0x3000, 0x10000, 0x110000])
    code = draw.randrange(32, code)
    return chr(code if not 0xd800 <= code < 0xe000 else code - 0x800)


def piece(draw):
    kind = draw.random()
    if kind < 0.55:
        return draw.choice(WORDS)
    if kind < 0.65:  # a word broken off, or two run together
        word = draw.choice(WORDS) + draw.choice(WORDS)
        return word[draw.randrange(len(word)):][:draw.randint(1, 6)]
    if kind < 0.72:
        return draw.choice(CODE)
    if kind < 0.77:
        return draw.choice(EMOJI)
    if kind < 0.80:
        return draw.choice(TOKENS)
    if kind < 0.83:
        return draw.choice(CONTROLS)
    if kind < 0.85:
        return draw.choice("aA1.' ") * draw.randint(2, 30)
    return "".join(random_character(draw) for _ in range(draw.randint(1, 6)))


def random_line(draw):
    parts = []
    for _ in range(draw.randint(0, 12)):
        parts.append(draw.choice(BLANKS) if draw.random() < 0.15 else draw.choice(["", " ", " ", " "]))
        parts.append(piece(draw))
    return "".join(parts)


def random_lines(seed, count):
    """Lists of up to AT_ONCE lines, none with a line feed."""
    draw = random.Random(seed)
    for begin in range(0, count, AT_ONCE):
        yield [random_line(draw) for _ in range(min(AT_ONCE, count - begin))]


def every_character():
    """Each between letters, digits and blanks."""
    codes = [code for code in range(0x110000) if code != 10 and not 0xd800 <= code < 0xe000]
    for begin in range(0, len(codes), AT_ONCE):
        yield [f"a{chr(code)} {chr(code)}1{chr(code)}" for code in codes[begin:begin + AT_ONCE]]


# ---- encoding

def byte_level(vocab, merges, prefix_space, special):
    """What BART's tokenizer does, without <s> and </s>, from its two files."""
    tokenizer = Tokenizer(models.BPE.from_file(str(vocab), str(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    if special:
        tokenizer.add_special_tokens([AddedToken(token, lstrip=token == "<mask>") for token in SPECIAL])
        tokenizer.add_special_tokens([AddedToken(token) for token in bart.KILM if tokenizer.token_to_id(token)])
    return tokenizer


def ids_of_kilm(folder, lines, *words):
    given = kilm.run("tokenizer", "encode", folder, *words, input="".join(line + "\n" for line in lines).encode())
    return [json.loads(ids) for ids in given.decode().splitlines()]


def same_lines(row, given, expected, lines):
    if given == expected:
        row.add(0, "", len(lines))
        return
    for line, mine, theirs in zip(lines, given, expected, strict=True):
        row.same(mine, theirs, repr(line))


def same_ids(row, folder, tokenizer, lines, *words):
    given = ids_of_kilm(folder, lines, *words)
    expected = [encoding.ids for encoding in tokenizer.encode_batch_fast(lines, add_special_tokens=False)]
    same_lines(row, given, expected, lines)
    return given


def compare_ids(table, folder, quick):
    peers = {words: byte_level(folder / "vocab.json", folder / "merges.txt", *options)
             for words, options in MODES.items()}
    rows = {words: table.row(" ".join(["tokenizer: ids of lines", *words])) for words in MODES}
    back = table.row("tokenizer: lines decoded from their ids")
    others = list(MODES)[1:]
    for i, lines in enumerate(random_lines(21, QUICK_LINES if quick else LINES)):
        given = same_ids(rows[()], folder, peers[()], lines)
        text = kilm.run("tokenizer", "decode", folder, input="".join(f"{ids}\n" for ids in given).encode())
        same_lines(back, text.decode().split("\n")[:-1], lines, lines)
        words = others[i % len(others)]
        same_ids(rows[words], folder, peers[words], lines, *words)
    if quick:
        return
    row = table.row("tokenizer: ids of every character of Unicode")
    for lines in every_character():
        same_ids(row, folder, peers[()], lines)


def compare_bytes(table, folder):
    """tokenizers takes no bytes that are not UTF-8; they should come back."""
    row = table.row("tokenizer: any bytes decoded from their ids")
    draw = random.Random(22)
    lines = [bytes(byte for byte in draw.randbytes(draw.randint(0, 40)) if byte != 10) for _ in range(AT_ONCE)]
    ids = kilm.run("tokenizer", "encode", folder, input=b"".join(line + b"\n" for line in lines))
    same_lines(row, kilm.run("tokenizer", "decode", folder, input=ids).split(b"\n")[:-1], lines, lines)


# ---- training

def learn(text, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train([str(text)], trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False,
                                                     initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def merges_in(folder):
    return (folder / "merges.txt").read_text(encoding="utf-8").split("\n")[1:-1]


def compare_training(table, work, quick):
    merges = table.row("tokenizer train: merges, in their order")
    theirs = table.row("tokenizer train: files of tokenizers in kilm, ids of lines")
    ours = table.row("tokenizer train: files of kilm in tokenizers, ids of lines")
    texts = {"mixed": work / "mixed.txt"}
    with open(texts["mixed"], "w", encoding="utf-8", newline="") as file:
        for lines in random_lines(23, QUICK_LINES if quick else 200_000):
            file.writelines(line + "\n" for line in lines)
    if SHAKESPEARE.exists():
        texts["Shakespeare"] = SHAKESPEARE
    (lines,) = random_lines(24, AT_ONCE)  # one list
    for name, text in texts.items():
        for size in (300, 5000) if quick else (300, 5000, 30000):
            mine, files, whole = (work / f"{name}-{size}-{of}" for of in ("kilm", "files", "tokenizer.json"))
            kilm.run("tokenizer", "train", text, "--vocab-size", size, "--out", mine)
            peer = learn(text, size)
            files.mkdir(), whole.mkdir()
            peer.model.save(str(files))
            peer.save(str(whole / "tokenizer.json"))
            case = f"{name}, {size} tokens"
            for i, (merge, other) in enumerate(itertools.zip_longest(merges_in(mine), merges_in(files))):
                merges.same(merge, other, f"{case}: merge {i}")
            same_ids(theirs, files, byte_level(files / "vocab.json", files / "merges.txt", False, False), lines)
            same_ids(theirs, whole, peer, lines, "--parse-special")
            same_ids(ours, mine, byte_level(mine / "vocab.json", mine / "merges.txt", False, False), lines)
            same_ids(ours, mine, Tokenizer.from_file(str(mine / "tokenizer.json")), lines, "--parse-special")


def compare(table, work, quick):
    compare_training(table, work, quick)
    folder = REAL if REAL.exists() else work / "mixed-5000-kilm"
    compare_ids(table, folder, quick)
    compare_bytes(table, folder)
