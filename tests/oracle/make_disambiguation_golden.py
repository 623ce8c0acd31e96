"""Makes fixtures/disambiguation-golden by torch 2.15.0 and transformers 5.24.0: set.jsonl, mentions with candidates,
and scores.jsonl, what the model of bart-other-golden gives to each candidate, in f64. A line of scores is {"score",
"length_normalization", "calibrate", "scores": [[of a mention's candidates]]}."""

import json

import torch
from transformers import BartForConditionalGeneration

import kilm
from prompts import Prompts

MODEL = kilm.ROOT / "tests/fixtures/bart-other-golden"
FOLDER = kilm.ROOT / "tests/fixtures/disambiguation-golden"
MENTIONS = [
    ("we met ", "Ann", " there",
     [("Ann", "a painter"), ("Ann B", ""), ("Anna", "the"), ("Ann", "a painter of the hain")]),
    ("", "the", "", [("The", "article"), ("Thea", "")]),
    ("the mill stood on a hill above the old town, and ", "Eve", " knew the way",
     [("Eve", "x"), ("Eve (lake)", "a lake")]),
    ("by ", "Köln", ", where the river is as wide as the town that lies on it",
     [("Köln", "Stadt"), ("Bonn", "the other")]),
    ("a", "hen", "b", [("Hen", "a description that is far longer than what the positions have room for"),
                       ("A title that is far longer than what the positions have room for", "the"), ("Hen", "")]),
]


def log_probability(model, prompt, tokens):
    source, prefix = prompt
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([prefix + tokens[:-1]])).logits
    rows = torch.log_softmax(logits[0, len(prefix) - 1:], dim=-1)
    return sum(float(rows[i, token]) for i, token in enumerate(tokens))


def scores(model, prompts, full, power, calibrate):
    positions = model.config.max_position_embeddings
    result = []
    for left, mention, right, candidates in MENTIONS:
        prompt, bare = prompts.prompt(left, mention, right), prompts.prompt("", mention, "")
        row = []
        for title, description in candidates:
            tokens = prompts.candidate(title, description, full, positions + 1 - len(prompt[1]))
            score = log_probability(model, prompt, tokens) - calibrate * log_probability(model, bare, tokens)
            row.append(score / len(tokens) ** power)
        result.append(row)
    return result


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    model = BartForConditionalGeneration.from_pretrained(MODEL, attn_implementation="eager").eval().double()
    prompts = Prompts(MODEL, model.config.max_position_embeddings)
    with open(FOLDER / "set.jsonl", "w") as file:
        for left, mention, right, candidates in MENTIONS:
            listed = [{"title": title, "description": description} for title, description in candidates]
            line = {"left": left, "mention": mention, "right": right, "candidates": listed}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    with open(FOLDER / "scores.jsonl", "w") as file:
        for score in ("title", "full"):
            for power, calibrate in ((1, 0), (0, 0), (0.5, 0.7)):
                row = {"score": score, "length_normalization": power, "calibrate": calibrate}
                row["scores"] = scores(model, prompts, score == "full", power, calibrate)
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
