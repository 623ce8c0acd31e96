"""`kilm generate`, greedy and with beams, against generate of Transformers, and --compat against the search of 4.12."""

import contextlib
import json
import random

import torch
from transformers.modeling_outputs import BaseModelOutput

import bart
import kilm

START, PAD, END = 2, 1, 2
TOLERANCE = 1e-5
TIE = 1e-6  # scores that are as near as this, relatively, may change places by rounding
EMPTY = -1e6  # Transformers fills up with results of such scores when everything else is forbidden

# The logit of the end token is raised, so that results end at different lengths.
MODELS = [
    (dict(), dict(), 0.0),
    (dict(activation_function="relu", decoder_layers=3, scale_embedding=True), dict(forced_eos_token_id=2), 2.0),
    (dict(activation_function="gelu_new", encoder_layers=1, d_model=32), dict(no_repeat_ngram_size=3), 4.0),
    (dict(d_model=48, encoder_attention_heads=2, decoder_attention_heads=6, vocab_size=400),
     dict(num_beams=2, length_penalty=2.0), 3.0),
    (dict(d_model=15, encoder_attention_heads=3, decoder_attention_heads=3, decoder_layers=1),
     dict(num_beams=4, early_stopping=True, forced_bos_token_id=0, forced_eos_token_id=2, max_length=18), 3.0),
    (dict(d_model=24, vocab_size=301), dict(min_length=5, bad_words_ids=[[7], [8, 9], [2]]), 5.0),
]
PREFIXES = ["none", "start token first", "no start token", "holes", "padded on the left", "of different lengths"]


def make_models(work):
    tokenizer = bart.make_tokenizer()
    for seed, (shape, defaults, raised) in enumerate(MODELS):
        model = bart.make_model(300 + seed, 2.0, **{"max_position_embeddings": 64} | shape).eval()
        model.final_logits_bias[0, END] += raised
        model.generation_config.update(**defaults)
        folder = work / f"model{seed}"
        bart.save(model, tokenizer, folder)
        yield model, folder


# ---- what is asked

def random_ids(draw, vocabulary, length):
    return [draw.randrange(3, vocabulary) for _ in range(length)]


def random_source(draw, vocabulary, rows):
    width = draw.randint(1, 20)
    batch = {"input_ids": [random_ids(draw, vocabulary, width) for _ in range(rows)]}
    kind = draw.choice(["plain", "mask", "padding without a mask"])
    if kind == "mask":
        batch["attention_mask"] = [[int(draw.random() < 0.7) for _ in range(width)] for _ in range(rows)]
        for row in batch["attention_mask"]:
            row[draw.randrange(width)] = 1
    elif kind == "padding without a mask":
        for row in batch["input_ids"]:
            for i in range(draw.randint(1, width), width):
                row[i] = PAD
    return batch


def random_prefix(draw, vocabulary, rows, kind):
    if kind == "none":
        return {}
    longest = draw.randint(3, 8)
    prefixes = [[START, *random_ids(draw, vocabulary, longest - 1)] for _ in range(rows)]
    if kind == "no start token":
        return {"decoder_input_ids": [prefix[1:] for prefix in prefixes]}
    if kind == "holes":
        mask = [[1, *(int(draw.random() < 0.6) for _ in range(longest - 2)), 1] for _ in range(rows)]
        return {"decoder_input_ids": prefixes, "decoder_attention_mask": mask}
    if kind == "padded on the left":
        short = [prefix[:draw.randint(1, longest)] for prefix in prefixes[1:]]
        padding = [0, *(longest - len(prefix) for prefix in short)]
        return {"decoder_input_ids": [[PAD] * n + prefix for n, prefix in zip(padding, [prefixes[0], *short])],
                "decoder_attention_mask": [[0] * n + [1] * (longest - n) for n in padding]}
    if kind == "of different lengths":
        return {"decoder_input_ids": [prefix[:draw.randint(1, longest)] for prefix in prefixes]}
    return {"decoder_input_ids": prefixes}


def random_options(draw, vocabulary, longest_prefix):
    """Names and values as Transformers and kilm have them."""
    beams = draw.choice([1, 1, 2, 3, 4, 5, 8])
    options = {"num_beams": beams, "num_return_sequences": draw.randint(1, beams)}
    length = draw.choice(["max_length", "max_new_tokens", None])
    if length:
        options[length] = draw.randint(1, 25) + (longest_prefix + 1 if length == "max_length" else 0)
    for name, share, value in [
            ("min_length", 0.3, lambda: draw.randint(1, 20)),
            ("no_repeat_ngram_size", 0.5, lambda: draw.randint(1, 4)),
            ("length_penalty", 0.5, lambda: draw.choice([0.0, 0.5, 1.0, 2.0, -1.0])),
            ("early_stopping", 0.7, lambda: draw.choice([True, False, "never"])),
            ("forced_bos_token_id", 0.3, lambda: draw.choice([0, 5])),
            ("forced_eos_token_id", 0.3, lambda: draw.choice([2, 6])),
            ("eos_token_id", 0.2, lambda: draw.randrange(3, vocabulary)),
            ("bad_words_ids", 0.4, lambda: [random_ids(draw, vocabulary, draw.randint(1, 3))
                                            for _ in range(draw.randint(1, 40))])]:
        if draw.random() < share:
            options[name] = value()
    return options


# ---- the answers of both

def as_words(options):
    return [word for name, value in options.items() for word in
            ("--" + name.replace("_", "-"), value if isinstance(value, str) else json.dumps(value))]


def of_kilm(folder, batch, options, *words):
    """For each row a list of (ids, score), best first."""
    lines = kilm.run("generate", "--model", folder, "--batch", "-", "--json", *as_words(options), *words,
                     input=json.dumps(batch).encode()).decode().splitlines()
    return [[(one["ids"], one["score"]) for one in json.loads(line)["hypotheses"]] for line in lines]


def nearest(totals, count):
    """For each row the least relative distance between two of its best candidates, and the best that is left out."""
    best = totals.topk(count + 1).values.double()
    distances = (best[:, :-1] - best[:, 1:]) / best[:, 1:].abs()
    return torch.where(best[:, 1:] > EMPTY, distances, torch.inf).amin(1)


@contextlib.contextmanager
def watching(model):
    """A list that gets the nearest candidates of every row in every step of a beam search."""
    steps, original = [], model._get_top_k_continuations

    def watched(accumulated_log_probs, beams_to_keep, **others):
        steps.append(nearest(accumulated_log_probs, beams_to_keep))
        return original(accumulated_log_probs=accumulated_log_probs, beams_to_keep=beams_to_keep, **others)

    model._get_top_k_continuations = watched
    try:
        yield steps
    finally:
        del model._get_top_k_continuations


def scores_of(output, options, prefix):
    """Of greedy search, where Transformers gives none: the sum of log probabilities over the length, forced free."""
    tokens = output.sequences[:, prefix:]
    sums = torch.zeros(len(tokens), dtype=torch.float64)
    lengths = torch.zeros(len(tokens), dtype=torch.float64)
    ended = torch.zeros(len(tokens), dtype=torch.bool)
    for raw, allowed, token in zip(output.logits, output.scores, tokens.T):
        forced = allowed.isinf().sum(1) == allowed.shape[1] - 1
        each = torch.log_softmax(raw.double(), 1).gather(1, token[:, None])[:, 0]
        sums += torch.where(forced | ended, 0.0, each)
        lengths += ~ended
        ended |= token == options["eos_token_id"]
    return sums / lengths ** options["length_penalty"]


def of_transformers(model, batch, options):
    """As of_kilm, and for each row how near two candidates of its search came."""
    settings = {"eos_token_id": END, "length_penalty": 1.0} | \
        {name: value for name, value in model.generation_config.to_dict().items() if value is not None} | options
    tensors = {name: torch.tensor(rows) for name, rows in batch.items()}
    beams = settings["num_beams"]
    with torch.no_grad(), watching(model) as steps:
        output = model.generate(**tensors, **options, return_dict_in_generate=True, output_scores=True,
                                output_logits=beams == 1)
    given = batch.get("decoder_input_ids", [[START]] * len(batch["input_ids"]))
    prefix = len(given[0]) + all(row[0] != START for row in given)
    if "max_new_tokens" in options or not settings.get("max_length"):
        longest = prefix + options.get("max_new_tokens", 20)
    else:
        longest = settings["max_length"]
    scores = output.sequences_scores if beams > 1 else scores_of(output, settings, prefix)
    results, count = [], options["num_return_sequences"]
    for i, (ids, score) in enumerate(zip(output.sequences.tolist(), scores.tolist())):
        generated = ids[prefix:longest]
        if settings["eos_token_id"] in generated:
            generated = generated[:generated.index(settings["eos_token_id"]) + 1]
        row = i // count
        padding = batch["decoder_attention_mask"][row].index(1) if "decoder_attention_mask" in batch else 0
        results.append((ids[padding:prefix] + generated, score))
    near = torch.stack(steps).amin(0).tolist() if steps else [float("inf")] * len(given)
    return [(results[i * count:(i + 1) * count], near[i]) for i in range(len(near))]


def row_by_row(model, batch, options):
    """What Transformers gives to prefixes of different lengths, which it cannot have in one batch."""
    return [of_transformers(model, {name: [rows[i]] for name, rows in batch.items()}, options)[0]
            for i in range(len(batch["input_ids"]))]


class Rows:
    """The rows of one kind of search."""

    def __init__(self, table, label, kinds, empty):
        self.ids = {kind: table.row(f"{label}, {kind}: results, token for token") for kind in kinds}
        self.scores = table.row(f"{label}: scores, relative", TOLERANCE)
        self.ties = table.row(f"{label}: other results where scores are as near as {TIE:g}")
        self.empty = empty

    def add(self, kind, given, expected, case):
        for row, (ours, (theirs, near)) in enumerate(zip(given, expected, strict=True)):
            for rank, (ids, score) in enumerate(theirs):
                my_ids, my_score = ours[rank] if rank < len(ours) else (None, float("nan"))
                where = f"{case}, row {row}, result {rank}"
                if score <= EMPTY:
                    self.empty.same(my_ids, None, where)
                    continue
                difference = abs(my_score - score) / max(1.0, abs(score))
                tie = my_ids != ids and (near <= TIE or difference <= TIE)
                self.ties.same(tie, False, where)
                if not tie:
                    self.ids[kind].same(my_ids, ids, where)
                    self.scores.add(difference, where)
        self.ties.tolerance = self.ties.cases // 1000


def compare_transformers(table, models, quick):
    empty = table.row("generate: results that do not exist, which kilm leaves out")
    rows = {False: Rows(table, "generate, greedy", PREFIXES, empty),
            True: Rows(table, "generate, beams", PREFIXES, empty)}
    draw = random.Random(11)
    for case in range(60 if quick else 900):
        model, folder = models[case % len(models)]
        vocabulary, kind, count = model.config.vocab_size, draw.choice(PREFIXES), draw.randint(1, 12)
        batch = random_source(draw, vocabulary, count) | random_prefix(draw, vocabulary, count, kind)
        options = random_options(draw, vocabulary, max(map(len, batch.get("decoder_input_ids", [[START]]))))
        expected = (row_by_row if kind == PREFIXES[-1] else of_transformers)(model, batch, options)
        given = of_kilm(folder, batch, options, "--batch-tokens", draw.choice([20, 100, 8192]))
        rows[options["num_beams"] > 1].add(kind, given, expected, f"case {case} {options}")


# ---- Transformers 4.12

def forbid(log_probabilities, ids, options):
    """The processors of 4.12, on the scores of one beam."""
    size = options["no_repeat_ngram_size"]
    if size and len(ids) + 1 >= size:
        last = ids[len(ids) - size + 1:]
        for i in range(len(ids) - size + 1):
            if ids[i:i + size - 1] == last:
                log_probabilities[ids[i + size - 1]] = -torch.inf
    if len(ids) < options["min_length"]:
        log_probabilities[options["eos_token_id"]] = -torch.inf
    if len(ids) == options["max_length"] - 1 and options["forced_eos_token_id"] >= 0:
        log_probabilities[:] = -torch.inf
        log_probabilities[options["forced_eos_token_id"]] = 0


def search_of_4_12(next_log_probabilities, prefix, options):
    """BeamSearchScorer and beam_search of Transformers 4.12 for one row: num_beams (ids, score), best first, and how
    near two candidates came."""
    beams, end, penalty = options["num_beams"], options["eos_token_id"], options["length_penalty"]
    open_beams, closed = [(prefix, 0.0)] + [(prefix, -1e9)] * (beams - 1), []
    near = float("inf")

    def close(ids, total):
        score = total / len(ids) ** penalty
        if len(closed) < beams or score > min(score for _, score in closed):
            closed.append((ids, score))
            closed.sort(key=lambda one: -one[1])
            del closed[beams:]

    while True:
        scores = next_log_probabilities([ids for ids, _ in open_beams])
        for row, (ids, total) in zip(scores, open_beams):
            forbid(row, ids, options)
            row += total
        near = min(near, nearest(scores.reshape(1, -1), 2 * beams).item())
        best, index = scores.flatten().topk(2 * beams)
        following = []
        for rank, (total, i) in enumerate(zip(best.tolist(), index.tolist())):
            beam, token = divmod(i, scores.shape[1])
            if token != end:
                following.append((open_beams[beam][0] + [token], total))
            elif rank < beams:
                close(open_beams[beam][0], total)
            if len(following) == beams:
                break
        length = len(open_beams[0][0])
        done = len(closed) == beams and (
            options["early_stopping"] or closed[-1][1] >= best[0].item() / length ** penalty)
        open_beams = following
        if done or length + 1 == options["max_length"]:
            break
    if not done:
        for ids, total in open_beams:
            close(ids, total)
    return [(ids + [end] if len(ids) < options["max_length"] else ids, score) for ids, score in closed], near


def until_end(ids, prefix, end):
    generated = ids[prefix:]
    return ids[:prefix + generated.index(end) + 1] if end in generated else ids


def compare_4_12(table, models, quick):
    empty = table.row("generate --compat: results that do not exist, which kilm leaves out")
    rows = Rows(table, "generate --compat, beams", ["prefix as it is"], empty)
    draw = random.Random(12)
    for case in range(40 if quick else 600):
        model, folder = models[case % 2]  # whose folders have no defaults that 4.12 would not have
        vocabulary, width = model.config.vocab_size, draw.randint(2, 15)
        source = random_ids(draw, vocabulary, draw.randint(1, width))
        prefix = random_ids(draw, vocabulary, draw.randint(1, 6))
        options = {"num_beams": draw.choice([2, 3, 4]), "max_length": len(prefix) + draw.randint(1, 14),
                   "early_stopping": draw.random() < 0.5, "length_penalty": draw.choice([0.0, 1.0, 2.0]),
                   "no_repeat_ngram_size": draw.choice([0, 2, 3]), "min_length": draw.choice([0, 0, 6]),
                   "eos_token_id": draw.choice([2, 2, draw.randrange(3, vocabulary)]),
                   "forced_eos_token_id": draw.choice([-1, 2])}
        with torch.no_grad():
            states = model.get_encoder()(input_ids=torch.tensor([source])).last_hidden_state

            def next_log_probabilities(beams):
                logits = model(encoder_outputs=BaseModelOutput(states.expand(len(beams), -1, -1)),
                               decoder_input_ids=torch.tensor(beams), use_cache=False).logits
                return torch.log_softmax(logits[:, -1].float(), -1)

            found, near = search_of_4_12(next_log_probabilities, prefix, options)
        expected = [(until_end(ids, len(prefix), options["eos_token_id"]), score) for ids, score in found]
        batch = {"input_ids": [source + [PAD] * (width - len(source))], "decoder_input_ids": [prefix]}
        given = of_kilm(folder, batch, options | {"num_return_sequences": options["num_beams"]}, "--compat")
        rows.add("prefix as it is", given, [(expected, near)], f"case {case} {options}")


def compare(table, work, quick):
    models = list(make_models(work))
    compare_transformers(table, models, quick)
    compare_4_12(table, models, quick)
