"""Makes generation.jsonl in fixtures/bart-other-golden by torch 2.15.0 and transformers 5.23.0: a line holds options as
generation_config.json has them, a batch, and ids and scores of what generate makes of it. Batches in which rounding
could change a result are passed over."""

import json
import random
import warnings

import torch
from transformers import BartForConditionalGeneration
from transformers.utils import logging

import generation
import kilm

FOLDER = kilm.ROOT / "tests/fixtures/bart-other-golden"
ROWS = 3
FAR = 1e-5  # relative distance of candidates that rounding does not bridge
GREEDY = [
    {}, {"no_repeat_ngram_size": 2}, {"min_length": 8, "max_length": 14},
    {"forced_bos_token_id": 0, "forced_eos_token_id": 2, "max_length": 12}, {"bad_words_ids": [[2], [7], [8, 9]]},
]
BEAMS = [
    {"early_stopping": True}, {"early_stopping": False}, {"early_stopping": "never"},
    {"length_penalty": 2.0, "max_new_tokens": 8}, {"length_penalty": -1.0, "early_stopping": "never"},
    {"no_repeat_ngram_size": 0, "min_length": 6}, {"eos_token_id": 40},
    {"forced_bos_token_id": 5, "forced_eos_token_id": 6, "max_new_tokens": 7}, {"bad_words_ids": [[9, 30], [5]]},
]
SETTINGS = [{"num_beams": 1, "num_return_sequences": 1} | options for options in GREEDY] + \
           [{"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": 12, "no_repeat_ngram_size": 2} | options
            for options in BEAMS]


def answered(model, draw, kind, options):
    """A batch and the results of Transformers."""
    while True:
        vocabulary = model.config.vocab_size
        batch = generation.random_source(draw, vocabulary, ROWS)
        batch |= generation.random_prefix(draw, vocabulary, ROWS, kind)
        answer = generation.row_by_row if kind == "of different lengths" else generation.of_transformers
        results = answer(model, batch, options)
        if all(near > FAR for _, near in results):
            return batch, [hypotheses for hypotheses, _ in results]


def main():
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    draw = random.Random(31)
    model = BartForConditionalGeneration.from_pretrained(FOLDER, attn_implementation="eager").eval()
    with open(FOLDER / "generation.jsonl", "w") as file:
        for i, options in enumerate(SETTINGS):
            batch, results = answered(model, draw, generation.PREFIXES[i % len(generation.PREFIXES)], options)
            results = [[{"ids": ids, "score": score} for ids, score in hypotheses] for hypotheses in results]
            file.write(json.dumps({"options": options, "batch": batch, "results": results}) + "\n")


if __name__ == "__main__":
    main()
