"""A step of training BART by PyTorch and Transformers, as `bench step` takes one: the same model, the same lengths.

bf16 autocast over f32 weights, scaled_dot_product_attention, the fused AdamW; eager or compiled. Prints one JSON object
with the members of `bench step --json`.
"""
import argparse
import json
import time

import torch
from transformers import BartConfig, BartForConditionalGeneration

PADDING, IGNORED = 1, -100
SIZES = {  # width, layers, heads, vocabulary
    "base": (768, 6, 12, 50265),
    "large": (1024, 12, 16, 50265),
    "small": (128, 2, 4, 2000),
}


def model_of(size, device):
    width, layers, heads, vocabulary = SIZES[size]
    config = BartConfig(
        vocab_size=vocabulary, d_model=width, encoder_layers=layers, decoder_layers=layers,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width, dropout=0.1, attention_dropout=0.1, activation_dropout=0.1,
        attn_implementation="sdpa")
    torch.manual_seed(1)
    with torch.device(device):
        return BartForConditionalGeneration(config).train()


def lengths_of(arguments):
    """(source, target) of each sequence of an update."""
    if arguments.lengths is None:
        return [(arguments.length, arguments.length)] * arguments.sequences
    chosen, tokens = [], 0
    with open(arguments.lengths, encoding="ascii") as file:
        for line in file:
            source, target = map(int, line.split())
            if tokens + source > arguments.sequences * arguments.length:
                break
            chosen.append((source, target))
            tokens += source
    return chosen


def micro_batches(lengths, most):
    """Splits an update, in its order, into batches of at most `most` positions with padding."""
    batch = []
    for pair in lengths:
        longest = max(max(p) for p in batch + [pair])
        if batch and (len(batch) + 1) * longest > most:
            yield batch
            batch = []
        batch.append(pair)
    yield batch


def tensors_of(batch, vocabulary, device):
    """Random ids, padded on the right: all rows of an update take the same vocabulary."""
    rows, widths = len(batch), [max(pair[side] for pair in batch) for side in (0, 1)]
    ids = [torch.randint(4, vocabulary, (rows, width)) for width in widths]
    masks = [torch.arange(width)[None, :] < torch.tensor([pair[side] for pair in batch])[:, None]
             for side, width in enumerate(widths)]
    padded = not (masks[0].all() and masks[1].all())
    inputs = {"input_ids": ids[0].where(masks[0], PADDING),
              "decoder_input_ids": ids[1].where(masks[1], PADDING),
              "labels": ids[1].where(masks[1], IGNORED)}
    if padded:
        inputs["attention_mask"] = masks[0].long()
        inputs["decoder_attention_mask"] = masks[1].long()
    return {name: x.to(device) for name, x in inputs.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=SIZES, default="base")
    parser.add_argument("--mode", choices=("eager", "compiled"), default="eager")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--sequences", type=int, default=64)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--lengths")
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    on_card = arguments.device.startswith("cuda")
    torch.backends.cuda.matmul.allow_tf32 = True

    model = model_of(arguments.model, arguments.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=on_card)
    forward = torch.compile(model) if arguments.mode == "compiled" else model
    lengths = lengths_of(arguments)
    batches = list(micro_batches(lengths, arguments.sequences * arguments.length))
    inputs = [tensors_of(batch, model.config.vocab_size, arguments.device) for batch in batches]
    targets = sum(target for _, target in lengths)

    def wait():
        if on_card:
            torch.cuda.synchronize()

    def step():
        for batch in inputs:
            with torch.autocast(arguments.device.split(":")[0], dtype=torch.bfloat16):
                loss = forward(**batch).loss * (int((batch["labels"] != IGNORED).sum()) / targets)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        wait()

    for _ in range(3):  # compiles, chooses algorithms, takes memory
        step()
    best, began = float("inf"), time.monotonic()
    runs = 0
    while runs < 3 or time.monotonic() - began < arguments.seconds:
        start = time.monotonic()
        step()
        best = min(best, time.monotonic() - start)
        runs += 1
    tokens = sum(source + target for source, target in lengths)
    positions = sum(x["input_ids"].numel() + x["decoder_input_ids"].numel() for x in inputs)
    print(json.dumps({
        "bench": "step", "peer": f"torch {torch.__version__}", "mode": arguments.mode, "model": arguments.model,
        "sequences": len(lengths), "micro_batches": len(batches), "padding_share": 1 - tokens / positions,
        "tokens": tokens, "seconds": best, "tokens_per_second": tokens / best,
        "peak_bytes": torch.cuda.max_memory_allocated() if on_card else 0}))


if __name__ == "__main__":
    main()
