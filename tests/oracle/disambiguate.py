"""`kilm disambiguate` against PyTorch and Transformers, which encode each mention once and score its candidates in one
padded batch: time, memory and scores on the same model and mentions. Both run in turns, each in a process of its own.
Time is that of the whole command for kilm, and of the scoring alone for the peer, whose imports are not counted."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import kilm

SHARED = kilm.ROOT.parent / "shared/data"
CONFIG = dict(d_model=768, encoder_layers=6, decoder_layers=6, encoder_attention_heads=12, decoder_attention_heads=12,
              encoder_ffn_dim=3072, decoder_ffn_dim=3072, max_position_embeddings=1024)


def padded(rows, fill):
    width = max(map(len, rows))
    return [row + [fill] * (width - len(row)) for row in rows]


def scores_of(model, prompts, line):
    """The mean log probabilities of a mention's candidates: one encoder run, one padded batch."""
    import torch
    source, prefix = prompts.prompt(line["left"], line["mention"], line["right"])
    room = model.config.max_position_embeddings + 1 - len(prefix)
    tokens = [prompts.candidate(candidate["title"], "", False, room) for candidate in line["candidates"]]
    if not tokens:
        return []
    encoded = model.get_encoder()(input_ids=torch.tensor([source])).last_hidden_state
    rows = torch.tensor(padded([prefix + row[:-1] for row in tokens], 1))
    encoded = (encoded.expand(len(tokens), -1, -1),)
    logits = model(encoder_outputs=encoded, decoder_input_ids=rows, use_cache=False).logits[:, len(prefix) - 1:]
    return [float(torch.log_softmax(logits[i, :len(row)], -1)[range(len(row)), row].mean())
            for i, row in enumerate(tokens)]


def peer(folder, data, out):
    """Scores the lines of a file; what is printed is the time that it takes."""
    import torch
    from transformers import BartForConditionalGeneration

    from prompts import Prompts
    model = BartForConditionalGeneration.from_pretrained(folder).eval()
    prompts = Prompts(folder, model.config.max_position_embeddings)
    lines = [json.loads(line) for line in open(data)]
    begin = time.perf_counter()
    with torch.inference_mode():
        scores = [scores_of(model, prompts, line) for line in lines]
    print(time.perf_counter() - begin)
    out.write_text(json.dumps(scores))


def measured(words):
    """Standard output, seconds and the highest memory in MiB of a process."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE)
    text = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{words[0]}: ended with {status}")
    return text, time.perf_counter() - begin, usage.ru_maxrss / 1024


def mentions_of(path, count):
    """The first lines of a file with each candidate once, as the command keeps them."""
    lines = [json.loads(line) for line in open(path)][:count]
    for line in lines:
        titles = dict.fromkeys(candidate["title"] for candidate in line["candidates"])
        line["candidates"] = [{"title": title} for title in titles]
    return lines


def largest_difference(predictions, expected, lines):
    largest = 0.0
    for row, scores, line in zip(map(json.loads, open(predictions)), expected, lines, strict=True):
        ours = {candidate["title"]: candidate["score"] for candidate in row["candidates"]}
        for candidate, score in zip(line["candidates"], scores, strict=True):
            if candidate["title"] in ours:  # else its first letter is a small one
                largest = max(largest, abs(ours[candidate["title"]] - score) / abs(score))
    return largest


def compare(options, work):
    config, model, data, rows, answers = (work / name for name in ("config.json", "model", "set", "rows", "answers"))
    config.write_text(json.dumps(CONFIG))
    kilm.run("init", "--config", config, "--tokenizer", options.tokenizer, "--out", model)
    lines = mentions_of(options.data, options.mentions)
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ours, theirs = [], []
    for _ in range(options.rounds):
        words = [kilm.PROGRAM, "disambiguate", "--model", model, "--data", data, "--json", "--predictions", rows]
        _, seconds, memory = measured(words)
        ours.append((seconds, memory))
        text, _, memory = measured([sys.executable, __file__, "--peer", model, data, answers])
        theirs.append((float(text), memory))
    difference = largest_difference(rows, json.loads(answers.read_text()), lines)
    (seconds, memory), (peer_seconds, peer_memory) = map(best, (ours, theirs))
    return {"mentions": len(lines), "candidates": sum(len(line["candidates"]) for line in lines), "seconds": seconds,
            "peer_seconds": peer_seconds, "times_as_fast": peer_seconds / seconds, "mebibytes": memory,
            "peer_mebibytes": peer_memory, "share_of_memory": memory / peer_memory, "largest_difference": difference}


def best(runs):
    return min(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(*map(pathlib.Path, sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="tools/compare disambiguate", description=__doc__)
    parser.add_argument("--data", default=SHARED / "entity-disambiguation/oke-2016-train.jsonl",
                        help="JSON lines with left, mention, right and candidates")
    parser.add_argument("--tokenizer", default=SHARED / "bart-tokenizer", help="vocab.json and merges.txt of the model")
    parser.add_argument("--mentions", type=int, help="the first ones only")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each; the fastest counts")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = compare(options, pathlib.Path(folder))
    for name, value in ([] if options.json else result.items()):
        print(f"{name.replace('_', ' '):<20}{value:>14.6g}")
    if options.json:
        print(json.dumps(result))
    return 0 if result["largest_difference"] < 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
