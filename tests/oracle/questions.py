"""`kilm qa` against Hugging Face's tokenizers, TriviaQA's script and Python's re, on 1,000 random and odd cases of each: ids
of prompts of each method, with and without shots, scores of answers, and patterns. Exit code 1 if one differs."""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile

import make_prompt_golden as golden
from table import Table

PROGRAM = os.environ.get("KILM", pathlib.Path(__file__).resolve().parents[2] / "build" / "kilm")
CONFIG = {"model_type": "bart", "d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 8,
          "decoder_ffn_dim": 8, "encoder_attention_heads": 1, "decoder_attention_heads": 1, "max_position_embeddings": 1024}
WORDS = (
    "where who is the river a an The stones it's U.S. well-known x=1; 1984 ½ été Été café река 東京 🙂 rock ‘n’ roll O´Neil `x` "
    "snake_case “quoted” – … (a) an. the, a-b the\u0301 ΟΔΟΣ İstanbul straße ? ?! Question: Q: A: # \"").split(" ")
BLANKS = [" ", " ", " ", "  ", "\t", "\u00a0", "", "\n"]


def run(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"kilm {arguments[0]}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def random_text(draw, longest):
    text = "".join(draw.choice(WORDS) + draw.choice(BLANKS) for _ in range(draw.randint(1, longest)))
    return text if text.strip() else "x"


def write_lines(path, values):
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def lines_of(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def make_model(folder):
    tokenizer = folder / "tokenizer"
    tokenizer.mkdir()
    shutil.copy(golden.FIXTURES / "prompt-golden/vocab.json", tokenizer)
    shutil.copy(golden.FIXTURES / "tokenizer-golden/merges.txt", tokenizer)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    run("init", "--config", folder / "config.json", "--tokenizer", tokenizer, "--out", folder / "model")
    return folder / "model"


def compare_prompts(table, folder, count):
    draw, model = random.Random(41), make_model(folder)
    sources, prefixes = table.row("qa: ids of sources"), table.row("qa: ids of decoder prefixes")
    known = [{"question": random_text(draw, 12), "answer": [random_text(draw, 3)]} for _ in range(200)]
    shots_from = write_lines(folder / "shots.jsonl", known)
    settings = [(method, space, shots) for method in golden.TRIGGERS for space in (False, True) for shots in (0, 3, 60)]
    for method, space, shots in settings:
        asked = [{"question": random_text(draw, 12), "answer": ["x"]} for _ in range(-(-count // len(settings)))]
        options = ["--shots", shots, "--shots-from", shots_from] if shots else []
        run("qa", "--model", model, "--data", write_lines(folder / "data.jsonl", asked), "--method", method, "--prefix-space",
            "on" if space else "off", "--prompts", folder / "batch.json", "--predictions", folder / "rows.jsonl",
            "--max-new-tokens", 1, *options)
        batch = json.loads((folder / "batch.json").read_text())
        for row, source, prefix in zip(lines_of(folder / "rows.jsonl"), batch["input_ids"], batch["decoder_input_ids"]):
            before = [(known[i]["question"], known[i]["answer"][0]) for i in row["shots"]] if shots else None
            expected = golden.prompt(row["question"], before, method, space)
            sources.same(source, expected[0], row["question"])
            prefixes.same(prefix, expected[1], row["question"])


def trivia_form(text):
    """What TriviaQA's evaluation compares."""
    text = text.replace("_", " ").lower()
    text = "".join(" " if character in string.punctuation + "‘’´`" else character for character in text)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def trivia_f1(one, other):
    one, other = trivia_form(one).split(), trivia_form(other).split()
    common = sum((collections.Counter(one) & collections.Counter(other)).values())
    return 2 * common / (len(one) + len(other)) if common else 0


def compare_scores(table, folder, count):
    draw = random.Random(42)
    exact, f1 = table.row("qa: exact match as TriviaQA's"), table.row("qa: F1 as TriviaQA's", 1e-9)
    data, answers = [], []
    for number in range(count):
        right = [random_text(draw, 4) for _ in range(draw.randint(1, 3))]
        answers.append({"prediction": draw.choice([random_text(draw, 4), draw.choice(right).upper(), f"the {right[0]}-"])})
        data.append({"QuestionId": str(number), "Question": "Which?", "Answer": {"NormalizedAliases": right}})
    (folder / "trivia.json").write_text(json.dumps({"Data": data}))
    run("qa", "--data", folder / "trivia.json", "--answers", write_lines(folder / "answers.jsonl", answers), "--predictions",
        folder / "trivia.jsonl")
    for row in lines_of(folder / "trivia.jsonl"):
        case = f"{row['prediction']!r}, {row['answers']}"
        exact.same(row["exact_match"], float(trivia_form(row["prediction"]) in map(trivia_form, row["answers"])), case)
        f1.add(abs(row["f1"] - max(trivia_f1(row["prediction"], answer) for answer in row["answers"])), case)


def random_pattern(draw, depth=0):
    """A pattern of what CuratedTREC's have in them."""
    atoms = ["a", "B", "é", "1", " ", ".", "\\s", "\\d", "\\w", "\\W", "\\b", "\\.", "[ab]", "[^a1]", "[0-9é-]", "\\$", "^", "$"]
    quantifiers = ["", "", "", "*", "+", "?", "*?", "{2}", "{1,2}", "{,2}", "{2,}"]
    parts = []
    for _ in range(draw.randint(1, 4)):
        group = depth < 2 and draw.random() < 0.25
        atom = draw.choice(["(", "(?:"]) + random_pattern(draw, depth + 1) + ")" if group else draw.choice(atoms)
        parts.append(atom + ("" if atom in ("^", "$", "\\b") else draw.choice(quantifiers)))
    pattern = "".join(parts)
    return pattern + "|" + random_pattern(draw, depth + 1) if depth < 2 and draw.random() < 0.2 else pattern


def compare_patterns(table, folder, count):
    draw, row = random.Random(43), table.row("qa: patterns as Python's re")
    cases = [(random_pattern(draw), "".join(draw.choice("aAbBéÉ1 .$-x") for _ in range(draw.randint(0, 8))))
             for _ in range(count)]
    data = write_lines(folder / "patterns.jsonl", [{"question": "Which?", "answer": [pattern]} for pattern, _ in cases])
    answers = write_lines(folder / "answers.jsonl", [{"prediction": text} for _, text in cases])
    run("qa", "--data", data, "--format", "curated", "--answers", answers, "--predictions", folder / "found.jsonl")
    for case, found in zip(cases, lines_of(folder / "found.jsonl")):
        row.same(found["exact_match"], float(re.search(*case, re.IGNORECASE) is not None), case)


def main():
    parser = argparse.ArgumentParser(prog="tools/compare questions", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="the table as JSON lines")
    arguments = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        compare_prompts(table, pathlib.Path(folder), arguments.cases)
        compare_scores(table, pathlib.Path(folder), arguments.cases)
        compare_patterns(table, pathlib.Path(folder), arguments.cases)
    table.print(arguments.json)
    return 0 if table.ok else 1


if __name__ == "__main__":
    sys.exit(main())
