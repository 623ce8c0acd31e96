"""Makes fixtures/finetuning-golden/steps.jsonl by torch 2.15.0 and transformers 5.24.0: six updates of each task on
bart-other-golden in f64, two micro-batches each, with the losses and norms of the gradient, and what the model says of
the rows afterwards. A new head begins with the weights of `waves`, which kilm's test makes as well."""

import json
import math
import warnings

import torch
from transformers import BartForConditionalGeneration, BartForSequenceClassification, get_linear_schedule_with_warmup
from transformers.utils import logging

import bart
import kilm

START = kilm.ROOT / "tests/fixtures/bart-other-golden"
OUT = kilm.ROOT / "tests/fixtures/finetuning-golden"
STEPS, WARMUP, BATCH, MICROS = 6, 2, 3, 2
OPTIONS = {"learning_rate": 5e-3, "weight_decay": 0.1, "max_grad_norm": 1.0}
LABELLED = [("the river", "a mountain", 0), ("rivers", "a long road and a river", 2), ("the sea", "the sea", 1),
            ("no", "yes it is", 2), ("and the mountains", "the hill", 0), ("it rains", "it is dry", 1),
            ("a", "b", 1), ("the mountain and the rivers", "none", 2)]
TEXTS = [("the river and the hill", "a river"), ("mountains", "many mountains"), ("it rains in the hills", "rain"),
         ("no road", "none"), ("the sea and the sky", "sea, sky"), ("a boat", "boats"), ("the end", "end"),
         ("two rivers meet here", "they meet")]


def waves(shape, phase):
    """Numbers that look random and need no file."""
    count = math.prod(shape)
    return torch.tensor([0.5 * math.sin(3.7 * i + phase) for i in range(count)], dtype=torch.float64).reshape(shape)


def classifier(labels):
    model = BartForSequenceClassification.from_pretrained(START, num_labels=labels, attn_implementation="eager").double()
    head = model.classification_head
    with torch.no_grad():
        for phase, parameter in enumerate([head.dense.weight, head.dense.bias, head.out_proj.weight,
                                           head.out_proj.bias]):
            parameter.copy_(waves(parameter.shape, phase))
    return model


def row_of(task, i):
    if task == "seq2seq":
        return {"source": TEXTS[i][0], "target": TEXTS[i][1]}
    first, second, label = LABELLED[i]
    row = {"sentence1": first, "label": label}
    if task == "regression":
        return row | {"label": 1.25 * label - 0.4 * i}  # of single sentences
    return row | {"sentence2": second}


def logits_of(model, tokenizer, rows):
    second = [row["sentence2"] for row in rows] if "sentence2" in rows[0] else None
    batch = tokenizer([row["sentence1"] for row in rows], second, padding=True, return_tensors="pt")
    return model(**batch).logits


def loss_of(model, tokenizer, task, rows, smoothing):
    """The sum over examples or target tokens, and how many these are."""
    if task == "seq2seq":
        batch = bart.right_padded(tokenizer([row["source"] for row in rows]).input_ids,
                                  tokenizer([row["target"] for row in rows]).input_ids)
        logits, labels = model(**batch).logits, batch["labels"]
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, reduction="sum",
                                                 label_smoothing=smoothing)
        return loss, int((labels != -100).sum())
    logits = logits_of(model, tokenizer, rows)
    if task == "regression":
        target = torch.tensor([row["label"] for row in rows], dtype=torch.float64)
        return torch.nn.functional.mse_loss(logits.squeeze(1), target, reduction="sum"), len(rows)
    labels = torch.tensor([row["label"] for row in rows])
    return torch.nn.functional.cross_entropy(logits, labels, reduction="sum", label_smoothing=smoothing), len(rows)


def updates(model, tokenizer, task, rows, smoothing):
    groups = [{"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": OPTIONS["weight_decay"]},
              {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=OPTIONS["learning_rate"], betas=(0.9, 0.999), eps=1e-8)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    losses, norms, at = [], [], 0
    for _ in range(STEPS):
        optimizer.zero_grad()
        batches = []
        for _ in range(MICROS):
            batches.append([rows[(at + i) % len(rows)] for i in range(BATCH)])
            at += BATCH
        parts = [loss_of(model, tokenizer, task, batch, smoothing) for batch in batches]
        loss = sum(part for part, _ in parts) / sum(count for _, count in parts)
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIONS["max_grad_norm"]).item())
        optimizer.step()
        schedule.step()
    return losses, norms


def case(tokenizer, task, smoothing):
    if task == "seq2seq":
        model = BartForConditionalGeneration.from_pretrained(START, attn_implementation="eager").double()
    else:
        model = classifier(1 if task == "regression" else 3)
    rows = [row_of(task, i) for i in range(len(TEXTS))]
    losses, norms = updates(model.train(), tokenizer, task, rows, smoothing)  # dropout is 0
    with torch.no_grad():
        total, count = loss_of(model, tokenizer, task, rows, smoothing)
        logits = [] if task == "seq2seq" else logits_of(model, tokenizer, rows).tolist()
    return {"task": task, "label_smoothing": smoothing, "rows": rows, "losses": losses, "grad_norms": norms,
            "loss_after": total.item() / count, "logits_after": logits}


def main():
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    tokenizer = bart.make_tokenizer()
    OUT.mkdir(exist_ok=True)
    with open(OUT / "steps.jsonl", "w") as file:
        for task, smoothing in [("classification", 0.0), ("classification", 0.2), ("regression", 0.0),
                                ("seq2seq", 0.0), ("seq2seq", 0.1)]:
            file.write(json.dumps(case(tokenizer, task, smoothing)) + "\n")


if __name__ == "__main__":
    main()
