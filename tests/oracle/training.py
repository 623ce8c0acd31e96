"""`kilm train` against PyTorch: with no infilling and one link in each paragraph nothing in an update is drawn by chance,
when it covers the training data exactly once."""

import json
import random

import torch
from safetensors.torch import load_file
from transformers import get_linear_schedule_with_warmup

import bart
import kilm

STEPS, WARMUP = 20, 4
THINGS, PARAGRAPHS = 6, 2
RUNS = {
    "clipping and decay": {"learning-rate": 2e-3, "weight-decay": 0.1, "max-grad-norm": 1.0},
    "neither, weighted groups": {"learning-rate": 5e-4, "weight-decay": 0.0, "max-grad-norm": 0,
                                 "weight-copy": 0.25, "weight-knowledge": 2},
    "infilling's twin": {"learning-rate": 1e-3, "weight-decay": 0.01, "max-grad-norm": 1.0, "knowledge": "off"},
    "other moments, constant rate": {"learning-rate": 1e-3, "weight-decay": 0.3, "max-grad-norm": 0.5, "beta1": 0.8,
                              "beta2": 0.95, "eps": 1e-6, "schedule": "constant"},
}


def dump_xml():
    draw = random.Random(3)
    words = "stands near a river and was built of stone by people who lived there long before any road came".split()
    pages = []
    for i in range(THINGS):
        text = "{{Short description|%s}}\n" % " ".join(draw.sample(words, 3))
        for _ in range(PARAGRAPHS):
            left, right = (" ".join(draw.choices(words, k=draw.randint(4, 12))) for _ in range(2))
            link = draw.choice([k for k in range(THINGS) if k != i])
            text += f"The tower {left} [[Tower {link}]] {right}.\n\n"
        pages.append(f"<page><title>Tower {i}</title><ns>0</ns><id>{i + 1}</id><revision><text>{text}</text></revision>"
                     "</page>")
    return '<mediawiki xml:lang="en">' + "".join(pages) + "</mediawiki>"


def prepare(work, tokenizer_folder):
    data = work / "data"
    kilm.run("prepare", "-", "--tokenizer", tokenizer_folder, "--out", data, "--max-length", 256, "--unseen", 0,
             "--seen", 0, "--held-out-entities", 0, input=dump_xml().encode())
    lines = kilm.run("inspect", data, "--split", "train", "--json").decode().splitlines()
    paragraphs = [json.loads(line) for line in lines]
    kilm.run("prepare", "-", "--entities", work / "entities.jsonl", input=dump_xml().encode())
    entities = [json.loads(line) for line in (work / "entities.jsonl").read_text().splitlines()]
    return data, paragraphs, {entity["title"]: entity["description"] for entity in entities}


class Examples:
    """Source, target and the weight of each target position of a paragraph."""

    def __init__(self, tokenizer, descriptions, options):
        self.tokenizer, self.descriptions = tokenizer, descriptions
        self.knowledge = options.get("knowledge") != "off"
        self.copy_weight, self.knowledge_weight = options.get("weight-copy", 1), options.get("weight-knowledge", 1)

    def segment(self, text):
        return self.tokenizer(text if text.startswith(" ") else " " + text, add_special_tokens=False).input_ids \
            if text else []

    def example(self, paragraph):
        text = paragraph["text"].encode()
        if not self.knowledge:
            ids = [0, *self.segment(text.decode()), 2]
            return ids, ids, [self.copy_weight] * len(ids)
        (link,) = paragraph["links"]
        parts = [text[:link["start"]], text[link["start"]:link["end"]], text[link["end"]:]]
        left, surface, right = (self.segment(part.decode()) for part in parts)
        ent, ent_end, desc, desc_end, sep = self.tokenizer.convert_tokens_to_ids(bart.KILM)
        known = [*self.segment(link["title"]), sep, *self.segment(self.descriptions[link["title"]])]
        before, after = [0, *left, ent, *surface, ent_end], [*right, 2]
        source = [*before, desc, self.tokenizer.mask_token_id, desc_end, *after]
        target = [*before, desc, *known, desc_end, *after]
        weights = [self.copy_weight] * len(before) + [self.knowledge_weight] * (len(known) + 2) + \
                  [self.copy_weight] * len(after)
        return source, target, weights


def train_in_torch(model, examples, options):
    groups = [{"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": options["weight-decay"]},
              {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options["learning-rate"], eps=options.get("eps", 1e-8),
                                  betas=(options.get("beta1", 0.9), options.get("beta2", 0.999)))
    if options.get("schedule") == "constant":
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / WARMUP))
    else:
        schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    count = sum(len(target) for _, target, _ in examples)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        losses.append(0.0)
        for source, target, weights in examples:  # one at a time: accumulation
            labels = torch.tensor([target])
            each = bart.token_losses(model(input_ids=torch.tensor([source]), labels=labels).logits, labels)
            loss = (each * torch.tensor([weights], dtype=each.dtype)).sum() / count
            loss.backward()
            losses[-1] += loss.item()
        if options["max-grad-norm"]:
            torch.nn.utils.clip_grad_norm_(model.parameters(), options["max-grad-norm"])
        optimizer.step()
        schedule.step()
    return losses, {name: parameter.detach() for name, parameter in model.named_parameters()}


def compare(table, work, quick):
    parameters = table.row(f"parameters after {STEPS} updates of kilm train, relative", 1e-5)
    losses = table.row("losses of these updates, relative", 1e-5)
    tokenizer = bart.make_tokenizer()
    for seed, (name, options) in enumerate(list(RUNS.items())[:2 if quick else None]):
        folder = work / str(seed)
        folder.mkdir()
        model = bart.make_model(40 + seed, max_position_embeddings=256, vocab_size=280)
        bart.save(model, tokenizer, folder / "model")
        data, paragraphs, descriptions = prepare(folder, folder / "model")
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        kilm.run("train", "--data", data, "--model", folder / "model", "--out", folder / "run", "--steps", STEPS,
                 "--warmup-steps", WARMUP, "--mask-rate", 0, "--batch-tokens", 1, "--accumulate", len(paragraphs),
                 "--save-every", 0, "--eval-every", 0, *words)
        examples = [Examples(tokenizer, descriptions, options).example(paragraph) for paragraph in paragraphs]
        expected_losses, expected = train_in_torch(model.double(), examples, options)
        log = [json.loads(line) for line in (folder / "run/log.jsonl").read_text().splitlines()]
        given_losses = [line["loss"] for line in log if "loss" in line]
        losses.same(len(given_losses), STEPS, f"{name}: lines of the log")
        for step, (given, loss) in enumerate(zip(given_losses, expected_losses)):
            losses.add(abs(given - loss) / loss, f"{name}: step {step + 1}")
        given = load_file(folder / f"run/ckpt/step-{STEPS:08}/model/model.safetensors")
        for key, value in expected.items():
            # the gradient of a key bias is rounding, which AdamW scales up to whole steps
            if not key.endswith("k_proj.bias"):
                parameters.add(((given[key].double() - value).norm() / value.norm()).item(), f"{name}: {key}")
