"""Cases for the measures of `kilm metric`, and what rouge-score, sacrebleu, nltk, scikit-learn and scipy say of them."""

import collections
import functools
import random
import re
import string
import warnings

import numpy
import sacrebleu
import scipy.stats
import sklearn.metrics
from nltk.stem.porter import PorterStemmer
from nltk.translate.meteor_score import meteor_score
from rouge_score import rouge_scorer

TEXT_MEASURES = ["exact_match", "f1", "rouge1", "rouge2", "rougeL", "bleu", "meteor"]
LABEL_MEASURES = ["accuracy", "macro_f1", "matthews"]
NUMBER_MEASURES = ["pearson", "spearman"]

WORDS = (
    "a an the The AN of in river rivers Rivers runs running ran runner happy happily happiness flies flied dies died "
    "skies sky dying news innings proceed succeed agreed feed bled hopping hoping falling fizzed relational rationally "
    "conditional generalization oscillators geology theology radically hopefully possibly homologous controlling rate "
    "cease by y yy aye enjoy employment ponies caresses U.S. e.g. 3.14 1,000 2-3 10-year well-known O'Neil don't it's "
    "state-of-the-art (born 1970) \"quoted\" &amp; &quot;x&quot; &lt;b&gt; <skipped> http://a.b/c?d=1 a@b.c C++ #1 $5 50% "
    "naïve Naïve café cafe\u0301 straße STRASSE İstanbul istanbul ΟΔΟΣ οδος Σ ΑΣ' 300K K Å ǅ ﬁne Über über река Реки 東京 "
    "山川 نهر ½ ² Ⅷ ٣ – — … ‘the’ “a” the\u0301 _the_ the-end an. , . ; ! ? - -- ... /").split(" ")
BLANKS = [" ", " ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\x1f", "\x85", "", "-\n"]
ODD_TEXTS = [
    ("", [""]), ("", ["the"]), ("the", [""]), ("a", ["The an"]), ("  ", ["\n"]), ("...", ["!"]), ("x", ["x", "y"]),
    ("the the the the the the the", ["the cat is on the mat", "there is a cat on the mat"]), ("1,000.5", ["1,000.5"]),
    ("A.B.", ["A. B."]), ("10-20", ["10 - 20"]), (".5", ["0.5"]), ("5.", ["5 ."]), ("a,,b", ["a , , b"]), ("-\n", ["-"]),
    ("foo-\nbar", ["foobar"]), ("x -\n", ["x -"]), ("&amp;quot;", ['"']), ("a_b", ["a b"]), ("naïve", ["naive"]),
    ("İ", ["i̇"]), ("K2", ["k2"]), ("ΟΔΟΣ ΟΔΟΣ.", ["οδος οδοσ."]), ("ΑΣ ΣΑ Σ", ["ας σα σ"]), ("the\u0301", ["\u0301"]),
    ("東京", ["東 京"]), ("is is", ["is"]), ("a b c d", ["d c b a"]), ("one two three four", ["one two three four five"]),
    ("one two three four five six", ["one two three", "one two three four five six seven eight nine"]),
    ("dogs dog", ["dog dogs"]), ("running runs ran", ["run runs running"]), ("\x1c\x1d a \x1e", ["a"]), ("a\u200bb", ["ab"]),
]


def random_word(draw):
    if draw.random() < 0.97:
        return draw.choice(WORDS)
    codes = [draw.randrange(0x20, draw.choice([0x80, 0x3000, 0x10000, 0x110000])) for _ in range(draw.randint(1, 4))]
    return "".join(chr(code if not 0xD800 <= code < 0xE000 else code - 0x800) for code in codes)


def random_text(draw):
    parts = [random_word(draw) + draw.choice(BLANKS) for _ in range(draw.choice([0, 1, 2, 3, 5, 8, 13, 30]))]
    return "".join(parts)


def changed(draw, text):
    """A text that shares some of another's words."""
    words = text.split(" ")
    for _ in range(draw.randint(0, 4)):
        at = draw.randrange(len(words) + 1)
        choice = draw.random()
        if choice < 0.4:
            words.insert(at, random_word(draw))
        elif choice < 0.7:
            del words[at:at + 1]
        else:
            words[at:at + 3] = reversed(words[at:at + 3])
    return " ".join(words)


def text_cases(seed, count):
    draw = random.Random(seed)
    cases = list(ODD_TEXTS)
    while len(cases) < count:
        prediction = random_text(draw)
        references = [changed(draw, prediction) if draw.random() < 0.8 else random_text(draw)
                      for _ in range(draw.choice([1, 1, 1, 2, 3]))]
        cases.append((prediction, references))
    return cases[:count]


def label_cases(seed, count):
    """Lists of (prediction, reference)."""
    draw = random.Random(seed)
    cases = [[(0, 0)], [(0, 1)], [(0, 0), (1, 1)], [(0, 0), (0, 1)], [(0, 1), (1, 0)], [("a", "b"), ("b", "b"), ("c", "a")],
             [(True, False), (True, True), (False, False)], [(2, 2)] * 5 + [(1, 2)]]
    while len(cases) < count:
        labels = draw.choice([[0, 1], [0, 1, 2], ["entailment", "neutral", "contradiction"], [False, True],
                              list(range(20)), ["é", "e", " "], [-1, 1]])
        skill = draw.random()
        references = [draw.choice(labels[:draw.randint(1, len(labels))]) for _ in range(draw.choice([1, 2, 5, 30, 200]))]
        cases.append([(y if draw.random() < skill else draw.choice(labels), y) for y in references])
    return cases[:count]


def number_cases(seed, count):
    draw = random.Random(seed)
    cases = [[(1, 2)], [(1, 2), (1, 3)], [(1, 1), (2, 2)], [(1, 2), (2, 1)], [(1, 1), (1, 2), (2, 2), (2, 1)],
             [(1e200, 1), (2e200, 3), (-1e200, 2)], [(1 + 1e-9 * i, i % 7) for i in range(20)], [(0.5, 1), (0.5, 2), (0.5, 3)],
             [(5, 5)] * 4, [(i, i ** 3) for i in range(-5, 6)], [(1e6 + i % 3, i) for i in range(30)]]
    while len(cases) < count:
        n, noise = draw.choice([2, 3, 5, 20, 100, 500]), draw.choice([0, 0.1, 1, 10])
        ties = draw.random() < 0.5
        pairs = []
        for _ in range(n):
            y = draw.gauss(0, 1) if not ties else draw.choice([0, 0.5, 1, 2.25, 5])
            x = y * draw.choice([1, 1, 1, -1]) + draw.gauss(0, noise)
            pairs.append((round(x, 1) if ties else x, y))
        cases.append(pairs)
    return cases[:count]


# ---- what the packages say

PUNCTUATION = set(string.punctuation)


def normalized(text):
    """As SQuAD v1.1 has it, for which there is a script but no package."""
    kept = "".join(c for c in text.lower() if c not in PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def squad_f1(prediction, reference):
    predicted, wanted = normalized(prediction).split(), normalized(reference).split()
    common = sum((collections.Counter(predicted) & collections.Counter(wanted)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(predicted), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


class NoWordNet:
    @staticmethod
    def synsets(_):
        return []


@functools.cache
def rouge():
    return rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)


def bleu(cases):
    most = max(len(references) for _, references in cases)
    streams = [[references[i] if i < len(references) else None for _, references in cases] for i in range(most)]
    return sacrebleu.BLEU().corpus_score([prediction for prediction, _ in cases], streams).score


def text_scores(prediction, references):
    scores = {"exact_match": float(max(normalized(prediction) == normalized(r) for r in references)),
              "f1": max(squad_f1(prediction, r) for r in references)}
    by_reference = [rouge().score(r, prediction) for r in references]
    for measure in ["rouge1", "rouge2", "rougeL"]:
        scores[measure] = max(s[measure].fmeasure for s in by_reference)
    scores["bleu"] = bleu([(prediction, references)])
    scores["meteor"] = meteor_score([r.split() for r in references], prediction.split(), wordnet=NoWordNet)
    return scores


def label_scores(pairs):
    predictions, references = zip(*pairs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {"accuracy": sklearn.metrics.accuracy_score(references, predictions),
                "macro_f1": sklearn.metrics.f1_score(references, predictions, average="macro", zero_division=0),
                "matthews": float(sklearn.metrics.matthews_corrcoef(references, predictions))}


def number_scores(pairs):
    if len(pairs) < 2:
        return {"pearson": None, "spearman": None}
    predictions, references = map(numpy.array, zip(*pairs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = {"pearson": scipy.stats.pearsonr(predictions, references).statistic,
                  "spearman": scipy.stats.spearmanr(predictions, references).statistic}
    return {name: None if value != value else float(value) for name, value in scores.items()}


def stems(words):
    stemmer = PorterStemmer()
    return [stemmer.stem(word) for word in words]
