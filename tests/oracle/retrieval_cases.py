"""Cases for `kilm index`, and what DrQA's weighting gives for them: its tokens and n-grams by regex, its hash by
scikit-learn, its products of sparse matrices by scipy."""

import collections
import random
import unicodedata

import numpy
import regex
import scipy.sparse
from sklearn.utils import murmurhash3_32

STOP_WORDS = set(
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its "
    "itself they them their theirs themselves what which who whom this that these those am is are was were be been being have "
    "has had having do does did doing a an the and but if or because as until while of at by for with about against between "
    "into through during before after above below to from up down in out on off over under again further then once here there "
    "when where why how all any both each few more most other some such no nor not only own same so than too very s t can will "
    "just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn haven isn ma mightn mustn needn shan shouldn "
    "wasn weren won wouldn 'll 're 've n't 's 'd 'm '' ``".split())
TOKEN = regex.compile(r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]")

WORDS = (
    "who what when where sings wrote plays is was the of in a river rivers River lake sea first last season film song king queen "
    "war president United States U.S. New York 1999 2,000 3.14 don't O'Neil it's rock 'n' roll C++ #1 $5 50% a_b well-known ? ! . , "
    "( ) \" ' `` '' … – “the” ‘x’ café cafe\u0301 Café İstanbul istanbul ΟΔΟΣ οδος straße STRASSE K Å ǅ ﬁne ½ ² Ⅷ ٣ 東京 서울 नमस्ते "
    "Ω Ω ệ e\u0302\u0323 \u0301 a\u0301\u0327 a\u0327\u0301 x\u200by \u00ad + = < > ^ ~ | © 🎉 👍🏽").split(" ")
BLANKS = [" ", " ", " ", " ", "  ", "\u00a0", "\u2003", "\u3000", "", "\x1f", "\u200b"]


def tokens(text):
    return [token.lower() for token in TOKEN.findall(unicodedata.normalize("NFD", text))]


def is_left_out(token):
    token = unicodedata.normalize("NFD", token)
    return regex.match(r"^\p{P}+$", token) is not None or token.lower() in STOP_WORDS


def ngrams(text):
    words = tokens(text)
    spans = [(i, j) for i in range(len(words)) for j in range(i + 1, min(i + 2, len(words)) + 1)]
    return [" ".join(words[i:j]) for i, j in spans if not any(is_left_out(word) for word in words[i:j])]


def buckets_of(text, buckets):
    return [murmurhash3_32(ngram, positive=True) % buckets for ngram in ngrams(text)]


def matrix(texts, buckets, rows):
    """How often each text has each bucket: [buckets in use, texts]."""
    counts = [(rows[bucket], column, count) for column, text in enumerate(texts)
              for bucket, count in collections.Counter(buckets_of(text, buckets)).items()]
    row, column, value = zip(*counts) if counts else ((), (), ())
    return scipy.sparse.csr_matrix((value, (row, column)), shape=(len(rows), len(texts)), dtype=numpy.float64)


def search(documents, query, k, buckets):
    """The best k documents with a positive score as [number, score], by score at six decimals, then by number."""
    rows = {bucket: row for row, bucket in enumerate(sorted({b for t in [*documents, query] for b in buckets_of(t, buckets)}))}
    counts, asked = matrix(documents, buckets, rows), matrix([query], buckets, rows)
    frequencies = numpy.asarray((counts > 0).sum(axis=1)).ravel()
    inverse = numpy.maximum(0, numpy.log((len(documents) - frequencies + 0.5) / (frequencies + 0.5)))
    weight = scipy.sparse.diags(inverse)
    scores = ((weight @ asked.log1p()).T @ (weight @ counts.log1p())).toarray().ravel()
    order = sorted((number for number in range(len(documents)) if scores[number] > 0),
                   key=lambda number: (-round(scores[number] * 1e6), number))
    return [[number, float(scores[number])] for number in order[:k]]


def random_word(draw):
    if draw.random() < 0.97:
        return draw.choice(WORDS)
    while True:  # characters of Unicode 3.2, of which both sides know the categories
        character = chr(draw.randrange(0x21, draw.choice([0x80, 0x3000, 0xD800, 0x20000])))
        if unicodedata.ucd_3_2_0.category(character) not in ("Cn", "Cs"):
            return character


def random_text(draw):
    return "".join(random_word(draw) + draw.choice(BLANKS) for _ in range(draw.choice([0, 1, 2, 4, 8, 12, 20])))


def cases(seed, count):
    draw = random.Random(seed)
    result = [
        {"documents": ["", "of the", "?"], "query": "of the ?", "k": 5, "buckets": 1 << 24},
        {"documents": ["lake"] * 3 + ["sea"] * 4, "query": "lake lake", "k": 2, "buckets": 1 << 24},
        {"documents": ["lake sea", "sea lake", "lake", "x", "y", "z"], "query": "sea lake", "k": 3, "buckets": 1 << 24},
        {"documents": ["lake", "lake", "sea", "hill"], "query": "lake", "k": 4, "buckets": 1 << 24},
        {"documents": ["A b", "c d"], "query": "", "k": 4, "buckets": 1 << 24},
    ]
    while len(result) < count:
        documents = [random_text(draw) for _ in range(draw.choice([1, 4, 10, 20, 20]))]
        if draw.random() < 0.5:
            documents += [draw.choice(documents) for _ in range(5)]
        query = draw.choice(documents) if draw.random() < 0.3 else random_text(draw)
        buckets = draw.choice([1 << 24, 1 << 24, 1 << 24, 1000, 7])
        result.append({"documents": documents, "query": query, "k": draw.choice([1, 3, 100]), "buckets": buckets})
    return result
