"""Random BARTs of Transformers, their tokenizer with the KILM tokens, and what they compute."""

import json
import math
import pathlib
import tempfile

import torch
from tokenizers import Tokenizer as RawTokenizer
from tokenizers import models, pre_tokenizers, trainers
from transformers import BartConfig, BartForConditionalGeneration, BartTokenizer

KILM = ["<ent>", "</ent>", "<ent_desc>", "</ent_desc>", "<sep>"]
TINY = dict(d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=2,
            encoder_ffn_dim=24, decoder_ffn_dim=32, max_position_embeddings=32, dropout=0.0)


def make_tokenizer(add_kilm=True):
    """Of 267 tokens, six merges among them, and the five of KILM."""
    raw = RawTokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.train_from_iterator(["the river and the mountain, the rivers and the mountains"], trainers.BpeTrainer(
        vocab_size=262, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    with tempfile.TemporaryDirectory() as folder:
        raw.model.save(folder)
        merges = [tuple(line.split(" ")) for line in
                  pathlib.Path(folder, "merges.txt").read_text(encoding="utf-8").splitlines()[1:]]
    by_id = sorted(raw.get_vocab(), key=raw.get_vocab().get)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *by_id, "<mask>"]
    tokenizer = BartTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, merges=merges)
    if add_kilm:
        tokenizer.add_special_tokens({"additional_special_tokens": KILM})
    return tokenizer


def randomise(model, seed, spread=1.0):
    """Weights that let every part matter: matrices N(0, spread / sqrt(d)), norms around 1."""
    torch.manual_seed(seed)
    std = spread / math.sqrt(model.config.d_model)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(0, std)
            if "layer_norm" in name or "layernorm" in name:
                parameter.add_(1.0 if name.endswith("weight") else 0.0)
        if hasattr(model, "final_logits_bias"):
            model.final_logits_bias.normal_(0, std)
    return model


def make_model(seed, spread=1.0, **shape):
    config = BartConfig(**{"vocab_size": 272, **TINY, **shape}, attn_implementation="eager")
    return randomise(BartForConditionalGeneration(config).train(), seed, spread)


def save(model, tokenizer, folder):
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


def padded(rows, value, left=False):
    width = max(map(len, rows))
    fill = [[value] * (width - len(row)) for row in rows]
    return torch.tensor([pad + row if left else row + pad for row, pad in zip(rows, fill)])


def right_padded(sources, targets):
    source = padded(sources, 1)
    return {"input_ids": source, "attention_mask": (source != 1).long(), "labels": padded(targets, -100)}


def as_json(batch):
    return {name: value.tolist() for name, value in batch.items()}


def token_losses(logits, labels):
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")


def layer_names(config):
    """Modules whose outputs are compared."""
    return [
        "model.encoder.layernorm_embedding", "model.decoder.layernorm_embedding",
        *(f"model.encoder.layers.{i}{part}" for i in range(config.encoder_layers) for part in ("", ".self_attn")),
        *(f"model.decoder.layers.{i}{part}" for i in range(config.decoder_layers)
          for part in ("", ".self_attn", ".encoder_attn")),
    ]


def one_step(model, batch):
    """What `kilm dump --grads --taps` writes, in the model's dtype."""
    taps, hooks = {}, []
    for name in layer_names(model.config):
        def keep(module, inputs, output, name=name):
            taps["tap." + name] = (output[0] if isinstance(output, tuple) else output).detach()
        hooks.append(model.get_submodule(name).register_forward_hook(keep))
    model.zero_grad()
    output = model(**batch)
    output.loss.backward()
    for hook in hooks:
        hook.remove()
    result = taps | {"logits": output.logits.detach(), "loss": output.loss.detach().reshape(1),
                     "token_loss": token_losses(output.logits, batch["labels"]).detach()}
    for name, parameter in model.named_parameters():
        result["grad." + name] = parameter.grad.clone()
    return result


def write_json(path, value):
    pathlib.Path(path).write_text(json.dumps(value))
