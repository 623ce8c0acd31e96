"""Logits, losses, gradients and activations of `kilm dump` against Transformers in f64."""

import random

import torch

import bart
import kilm

# Each differs from the first in what its name says; the last is drawn on top of them.
SHAPES = {
    "two layers": {},
    "relu, scaled embedding": dict(activation_function="relu", scale_embedding=True),
    "silu, heads of 5": dict(activation_function="silu", d_model=15, encoder_attention_heads=3,
                             decoder_attention_heads=3),
    "gelu_new, one head": dict(activation_function="gelu_new", encoder_attention_heads=1, decoder_attention_heads=1),
    "tanh, heads of 1": dict(activation_function="tanh", d_model=6, encoder_attention_heads=6,
                             decoder_attention_heads=6),
    "3 and 1 layers": dict(encoder_layers=3, decoder_layers=1, encoder_ffn_dim=40, decoder_ffn_dim=7),
    "1 and 4 layers": dict(encoder_layers=1, decoder_layers=4, vocab_size=301),
    "wide": dict(d_model=96, encoder_attention_heads=4, decoder_attention_heads=6, encoder_ffn_dim=200,
                 decoder_ffn_dim=130, max_position_embeddings=140),
}
BART_BASE = dict(vocab_size=50265, d_model=768, encoder_layers=6, decoder_layers=6, encoder_attention_heads=12,
                 decoder_attention_heads=12, encoder_ffn_dim=3072, decoder_ffn_dim=3072, max_position_embeddings=1024)
TOLERANCES = {"f32": dict(value=1e-5, gradient=1e-4), "f64": dict(value=1e-10, gradient=1e-9)}
ZERO = 1e-3  # gradients of key biases are 0 but for rounding: a norm below this counts as this


def random_shape(draw):
    size, heads = draw.randint(2, 12), draw.choice([1, 2, 3, 6])
    return dict(d_model=6 * size, encoder_attention_heads=heads, decoder_attention_heads=draw.choice([1, 2, 3, 6]),
                encoder_layers=draw.randint(1, 3), decoder_layers=draw.randint(1, 3),
                encoder_ffn_dim=draw.randint(1, 70), decoder_ffn_dim=draw.randint(1, 70),
                vocab_size=draw.randint(272, 400), scale_embedding=draw.random() < 0.3,
                activation_function=draw.choice(["gelu", "gelu_new", "relu", "tanh", "silu"]))


def random_rows(draw, config, count, longest):
    return [[draw.randrange(2, config.vocab_size) for _ in range(draw.randint(2, longest))] for _ in range(count)]


def random_batches(draw, config, rows=4, longest=None):
    """Padded on the right; with any pattern of the source's mask and labels left out; a decoder padded on the left."""
    longest = longest or min(config.max_position_embeddings, 40)
    sources, targets = (random_rows(draw, config, rows, longest) for _ in range(2))
    yield "right", bart.right_padded(sources, targets)

    batch = bart.right_padded(sources, targets)
    mask = torch.tensor([[int(draw.random() < 0.7) for _ in row] for row in batch["input_ids"]])
    mask[torch.arange(rows), torch.tensor([draw.randrange(mask.shape[1]) for _ in range(rows)])] = 1
    labels = torch.tensor([[-100 if draw.random() < 0.3 else int(label) for label in row] for row in batch["labels"]])
    labels[0, 0] = 3
    yield "any mask", batch | {"attention_mask": mask, "labels": labels}

    inputs = bart.padded(targets, 1, left=True)
    labels = torch.where(inputs == 1, -100, torch.roll(inputs, -1, 1))
    yield "left", batch | {"decoder_input_ids": inputs, "decoder_attention_mask": (inputs != 1).long(),
                           "labels": labels}


def largest(given, expected, mask):
    """The largest absolute difference where the mask is 1."""
    return (given.double() - expected).abs()[mask.bool()].max().item()


def relative(given, expected):
    return ((given.double() - expected).norm() / max(expected.norm().item(), ZERO)).item()


class Rows:
    """The rows of one dtype."""

    def __init__(self, table, dtype, label=""):
        tolerance = TOLERANCES[dtype]
        self.dtype = dtype
        self.logits = table.row(f"{label}logits, {dtype}", tolerance["value"])
        self.losses = table.row(f"{label}losses of tokens and their mean, {dtype}", tolerance["value"])
        self.taps = table.row(f"{label}outputs of layers, {dtype}", tolerance["value"])
        self.gradients = table.row(f"{label}gradients, relative, {dtype}", tolerance["gradient"])

    def add(self, given, expected, batch, case):
        target = batch.get("decoder_attention_mask", torch.ones_like(batch["labels"]))
        self.logits.add(largest(given["logits"], expected["logits"], target), case)
        self.losses.add(largest(given["token_loss"], expected["token_loss"], target), case)
        self.losses.add(largest(given["loss"], expected["loss"], torch.ones(1)), case)
        for name, value in expected.items():
            if name.startswith("tap."):
                mask = batch["attention_mask"] if name.startswith("tap.model.encoder") else target
                self.taps.add(largest(given[name], value, mask), f"{case}: {name}")
            elif name.startswith("grad."):
                self.gradients.add(relative(given[name], value), f"{case}: {name}")


def compare_model(rows, model, name, batches, work):
    bart.save(model, bart.make_tokenizer(), work / "model")
    model = model.double()
    for kind, batch in batches:
        expected = bart.one_step(model, batch)
        for of in rows:
            given = kilm.dump(work / "model", bart.as_json(batch), work, "--grads", "--taps", "*", "--dtype", of.dtype)
            of.add(given, expected, batch, f"{name}, {kind}")


def compare(table, work, quick):
    rows = [Rows(table, dtype) for dtype in TOLERANCES]
    draw = random.Random(1)
    shapes = dict(SHAPES)
    for i in range(4 if quick else 40):
        shapes[f"random shape {i}"] = random_shape(draw)
    for seed, (name, shape) in enumerate(shapes.items()):
        model = bart.make_model(seed, **shape)
        compare_model(rows, model, f"{name} {shape}", random_batches(draw, model.config), work)
    if quick:
        return
    model = bart.make_model(99, **BART_BASE)
    batches = list(random_batches(draw, model.config, rows=2, longest=48))[:2]
    compare_model([Rows(table, dtype, "bart-base: ") for dtype in TOLERANCES], model, "bart-base", batches, work)
