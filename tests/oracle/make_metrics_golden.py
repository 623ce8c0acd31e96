"""Makes fixtures/metrics-golden by rouge-score 0.1.2, sacrebleu 2.6.0, nltk 3.10.4, scikit-learn 1.9.1 and scipy 1.17.1:
texts, labels and numbers with what their measures give, and stems of words."""

import json
import pathlib
import random

import metric_cases as cases

ENDINGS = (
    "s sses ies ss ed eed ied ing ating bled izing y ational tional enci anci izer bli alli entli eli ousli ization ation "
    "ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er "
    "ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll le").split(" ")
BEGINNINGS = "t tr ho hopp fail fall fizz controll y sy tray relat gen happ é naïv oo ue ab rat pre-".split(" ")


def write(name, values):
    folder = pathlib.Path(__file__).parents[1] / "fixtures/metrics-golden"
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(value) + "\n" for value in values)
    (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main():
    texts = cases.text_cases(11, 100)
    write("texts.jsonl", [{"prediction": prediction, "references": references, **cases.text_scores(prediction, references)}
                          for prediction, references in texts])
    write("corpus.jsonl", [{"bleu": cases.bleu(texts)}])
    write("labels.jsonl", [{"pairs": pairs, **cases.label_scores(pairs)} for pairs in cases.label_cases(12, 30)])
    write("numbers.jsonl", [{"pairs": pairs, **cases.number_scores(pairs)} for pairs in cases.number_cases(13, 30)])
    draw = random.Random(14)
    words = [word.lower() for word in cases.WORDS if word.strip()]
    words += [draw.choice(BEGINNINGS) + draw.choice(["", "", draw.choice(ENDINGS)]) + ending for ending in ENDINGS * 5]
    write("stems.jsonl", [[word, stem] for word, stem in zip(words, cases.stems(words))])


if __name__ == "__main__":
    main()
