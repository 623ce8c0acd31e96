"""Makes fixtures/prompt-golden by tokenizers 0.23.3 of Hugging Face and the vocabulary of fixtures/tokenizer-golden:
prompts for questions as the method of the KILM paper has them."""

import json
import pathlib
import random

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures"
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
TRIGGERS = {1: ("Question: ", "Answer: "), 2: ("Question: ", "Answer:"), 3: ("Q: ", "A: "), 4: ("Q: ", "A:")}
LONGEST = 974
QUESTIONS = [
    "where is the river", "Where is the river?", "which stone's in the water ?", "été à la rivière", "вода города?", "東京",
    " who ", "what  is\tx=1; f(x)", "when was 1984 ½", "is it 'banana'?", "a?b", "🙂👩‍🔬?", "why?\n",
]
ANSWERS = ["the mountain", "1984", "река", "banana bananas", "x", "town's, they'll", "山川の水"]


def tokenizer(prefix_space):
    """The pieces with BART's ids, the mask last."""
    merges = [tuple(line.split(" ")) for line in (FIXTURES / "tokenizer-golden/merges.txt").read_text().split("\n")[1:] if line]
    pieces = SPECIAL[:4] + sorted(pre_tokenizers.ByteLevel.alphabet()) + ["".join(merge) for merge in merges] + SPECIAL[4:]
    pieces = list(dict.fromkeys(pieces))
    bart = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, merges))
    bart.add_special_tokens([AddedToken(token, lstrip=token == "<mask>") for token in SPECIAL])
    bart.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    bart.decoder = decoders.ByteLevel()
    bart.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
    return bart, pieces


def prompt(question, shots, method, prefix_space):
    bart, _ = tokenizer(prefix_space)
    ask, answer = TRIGGERS[method]
    if not question.strip().endswith("?"):
        question += "?"
    text = f"{ask}{question} {answer}"
    if shots is None:
        source = bart.encode(text + "<mask>").ids
        return source, [2, 0] + bart.encode(" " + text, add_special_tokens=False).ids
    before = [f"{ask}{shot} {answer}{right}" for shot, right in shots]
    source = bart.encode(" \n\n ".join(before + [text + "<mask>"])).ids[-LONGEST:]
    return source, [2] + source[:-2]


def main():
    draw = random.Random(31)
    folder = FIXTURES / "prompt-golden"
    folder.mkdir(exist_ok=True)
    _, pieces = tokenizer(False)
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(pieces)}) + "\n")
    cases = []
    for question in QUESTIONS:
        for method in TRIGGERS:
            count = draw.choice([None, None, 0, 1, 3])
            shots = None if count is None else [(draw.choice(QUESTIONS), draw.choice(ANSWERS)) for _ in range(count)]
            cases.append((question, shots, method, draw.random() < 0.5))
    cases.append((QUESTIONS[0], [(draw.choice(QUESTIONS), draw.choice(ANSWERS)) for _ in range(60)], 1, True))
    lines = []
    for question, shots, method, prefix_space in cases:
        source, prefix = prompt(question, shots, method, prefix_space)
        lines.append({"question": question, "shots": shots, "method": method, "prefix_space": prefix_space,
                      "source": source, "prefix": prefix})
    (folder / "prompts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
