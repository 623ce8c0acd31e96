"""Makes fixtures/probing-golden by torch 2.15.0 and transformers 5.24.0: words, and sentences with a gap together with
the log probability of each word in it, by the BART of fixtures/bart-other-golden in f64. Tokens are those of
Transformers' tokenizer; the tests have none of this code."""

import json

import torch
from transformers import AutoTokenizer, BartForConditionalGeneration

import kilm

FIXTURES = kilm.ROOT / "tests/fixtures"
MODEL = FIXTURES / "bart-other-golden"
# Some are one token of that tokenizer ("a", " the"), most are several with common beginnings.
WORDS = ["the", "river", "a", "rivers", "sea", "see", "and", "é", "the river", "Ulm"]
SENTENCES = [("the river is ", "."), ("", " and the mountain"), ("by (", ")"), ("[X] ", ""), ("è-", " the"), (" ", "")]


def sources(tokenizer, left, right):
    """Ids of <s> left <mask> right </s> and of what the decoder reads before the word."""
    text = left.removesuffix(" ")
    begin = tokenizer(text, add_special_tokens=False).input_ids if text else []
    end = tokenizer(right, add_special_tokens=False).input_ids if right else []
    return [0, *begin, tokenizer.mask_token_id, *end, 2], [2, 0, *begin]


def words_of(plain, prefix_space, left):
    behind_space = left.endswith(" ") or (left == "" and prefix_space)
    return [plain((" " if behind_space else "") + word, add_special_tokens=False).input_ids for word in WORDS]


def log_probability(model, source, prefix, word):
    logits = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([prefix + word[:-1]])).logits[0]
    steps = logits[len(prefix) - 1:].log_softmax(-1)
    return sum(steps[i, token].item() for i, token in enumerate(word))


@torch.no_grad()
def main():
    folder = FIXTURES / "probing-golden"
    folder.mkdir(exist_ok=True)
    (folder / "candidates.txt").write_text("".join(word + "\n" for word in WORDS), encoding="utf-8", newline="\n")
    model = BartForConditionalGeneration.from_pretrained(MODEL).double().eval()
    plain = AutoTokenizer.from_pretrained(MODEL, add_prefix_space=False)
    lines = []
    for prefix_space in (False, True):
        tokenizer = AutoTokenizer.from_pretrained(MODEL, add_prefix_space=prefix_space)
        for left, right in SENTENCES:
            source, prefix = sources(tokenizer, left, right)
            sums = [log_probability(model, source, prefix, word) for word in words_of(plain, prefix_space, left)]
            lines.append({"prefix_space": prefix_space, "left": left, "right": right, "log_probabilities": sums})
    (folder / "scores.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines),
                                         encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
