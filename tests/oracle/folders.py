"""Model folders: every form that BART is found in opens in kilm, what kilm writes opens in Transformers unchanged."""

import copy
import json
import random

import torch
from safetensors.torch import load_file, save_file
from transformers import (AutoModelForSeq2SeqLM, AutoTokenizer, BartConfig, BartForConditionalGeneration,
                          BartForSequenceClassification, GenerationConfig)

import bart
import kilm
import steps

# config.json of published folders, with sizes that are small. Keys of long ago among them.
SIZES = dict(d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
             encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=64, vocab_size=272, num_hidden_layers=2)
COMMON = SIZES | dict(
    model_type="bart", activation_dropout=0.0, activation_function="gelu", add_final_layer_norm=False,
    attention_dropout=0.0, bos_token_id=0, classifier_dropout=0.0, decoder_layerdrop=0.0, decoder_start_token_id=2,
    dropout=0.1, encoder_layerdrop=0.0, eos_token_id=2, id2label={"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"},
    label2id={"LABEL_0": 0, "LABEL_1": 1, "LABEL_2": 2}, init_std=0.02, is_encoder_decoder=True, pad_token_id=1,
    scale_embedding=False, normalize_before=False, torch_dtype="float32", use_cache=True)
SUMMARY = dict(architectures=["BartForConditionalGeneration"], _num_labels=3, add_bias_logits=False,
               classif_dropout=0.0, early_stopping=True, extra_pos_embeddings=2, force_bos_token_to_be_generated=True,
               forced_bos_token_id=0, forced_eos_token_id=2, gradient_checkpointing=False, no_repeat_ngram_size=3,
               normalize_embedding=True, output_past=True, prefix=" ", static_position_embeddings=False)
VARIANTS = {
    "base": COMMON | dict(
        _name_or_path="bart-base", architectures=["BartModel"], add_bias_logits=False, classif_dropout=0.1,
        attention_dropout=0.1, activation_dropout=0.1, early_stopping=True, forced_bos_token_id=0,
        forced_eos_token_id=2, gradient_checkpointing=False, no_repeat_ngram_size=3, normalize_embedding=True,
        num_beams=4, task_specific_params={"summarization": {"length_penalty": 1.0, "max_length": 128,
                                                             "min_length": 12, "num_beams": 4}},
        transformers_version="4.12.0.dev0"),
    "large": COMMON | dict(
        _name_or_path="bart-large", architectures=["BartModel"], add_bias_logits=False, classif_dropout=0.1,
        early_stopping=True, forced_eos_token_id=2, no_repeat_ngram_size=3, normalize_embedding=True, num_beams=4,
        activation_dropout=0.1),
    "large-cnn": COMMON | SUMMARY | dict(length_penalty=2.0, max_length=142, min_length=56, num_beams=4,
                                         replacing_rate=0, student_decoder_layers=None, student_encoder_layers=None),
    "large-xsum": COMMON | SUMMARY | dict(do_blenderbot_90_layernorm=False, length_penalty=1.0, max_length=62,
                                          min_length=11, num_beams=6, save_step=58,
                                          eos_token_ids=[2], max_length_with_prompt=None),
    "large-mnli": COMMON | dict(
        architectures=["BartForSequenceClassification"], _num_labels=3, finetuning_task="mnli",
        id2label={"0": "contradiction", "1": "neutral", "2": "entailment"}, classif_dropout=0.0,
        label2id={"contradiction": 0, "neutral": 1, "entailment": 2}, forced_eos_token_id=2,
        gradient_checkpointing=False, normalize_before=False, output_past=False),
    "with scale_embedding": COMMON | dict(scale_embedding=True),
    **{f"with {name}": COMMON | dict(activation_function=name) for name in ("relu", "gelu_new", "tanh", "silu")},
    **{f"with heads of {16 // heads}": COMMON | dict(encoder_attention_heads=heads, decoder_attention_heads=16 // heads)
       for heads in (1, 2, 8, 16)},
}
ALIASES = ["model.shared.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight",
           "lm_head.weight"]
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64}
TEXTS = ["the river and the mountains", " rivers", "Über 3 rivers, <ent>the mountain</ent><ent_desc> it's<sep>", "<mask>",
         "a <mask> b</s>", "\t\r  tabs", "\u3000山 🙂", "<ent_desc><mask></ent_desc>"]


# ---- writing the forms

def named(state, prefix, aliases):
    """The tensors under the names of a file: with or without `model.`, the table under these of its names."""
    result = {}
    for name, value in state.items():
        if name not in ALIASES:
            result[name] = value
    for alias in aliases:
        result[alias] = state["model.shared.weight"].clone()
    return result if prefix else {name.removeprefix("model."): value for name, value in result.items()}


def halves(state):
    names = list(state)
    return {f"{i + 1:05}-of-00002": {name: state[name] for name in names[i::2]} for i in range(2)}


def index_of(parts, file_name):
    return {"metadata": {"total_size": 0}, "weight_map": {name: file_name(part) for part, state in parts.items()
                                                          for name in state}}


def write_safetensors(folder, state):
    save_file(state, folder / "model.safetensors", {"format": "pt"})


def write_shards(folder, state):
    parts = halves(state)
    for part, tensors in parts.items():
        save_file(tensors, folder / f"model-{part}.safetensors", {"format": "pt"})
    bart.write_json(folder / "model.safetensors.index.json", index_of(parts, "model-{}.safetensors".format))


def write_zip(folder, state):
    torch.save(state, folder / "pytorch_model.bin")


def write_legacy(folder, state):
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)


def write_zip_shards(folder, state):
    parts = halves(state)
    for part, tensors in parts.items():
        torch.save(tensors, folder / f"pytorch_model-{part}.bin")
    bart.write_json(folder / "pytorch_model.bin.index.json", index_of(parts, "pytorch_model-{}.bin".format))


FORMS = {"model.safetensors": write_safetensors, "sharded safetensors": write_shards, "pytorch_model.bin": write_zip,
         "legacy pytorch_model.bin": write_legacy, "sharded pytorch_model.bin": write_zip_shards}


def new_folder(work, tokenizer, config):
    folder = work / f"folder{len(list(work.iterdir()))}"
    tokenizer.save_pretrained(folder)
    bart.write_json(folder / "config.json", config)
    return folder


# ---- reading

BATCH = bart.right_padded([[0, 68, 267, 80, 265, 2], [0, 30, 266, 2]], [[0, 68, 267, 80, 2], [0, 30, 101, 2]])


def logits_of(model, state):
    """In f64, with the numbers that the state holds."""
    model = copy.deepcopy(model).double().eval()
    model.load_state_dict({name: value.double() for name, value in state.items()}, strict=False)
    model.tie_weights()
    with torch.no_grad():
        return model(**BATCH).logits


def compare_logits(row, folder, model, state, case, work):
    given = kilm.dump(folder, bart.as_json(BATCH), work, "--dtype", "f64")["logits"]
    row.add((given - logits_of(model, state)).abs().max().item(), case)


def model_of(config, seed):
    known = {key: value for key, value in config.items() if key not in ("torch_dtype", "architectures")}
    model = BartForConditionalGeneration(BartConfig.from_dict(known, attn_implementation="eager"))
    return bart.randomise(model, seed)


def compare_reading(table, work, quick):
    tokenizer = bart.make_tokenizer()
    row = table.row("reading: config.json of every variant, logits", 1e-10)
    for seed, (name, config) in enumerate(VARIANTS.items()):
        model = model_of(config, seed)
        folder = new_folder(work, tokenizer, config)
        state = named(model.state_dict(), True, ALIASES[:1])
        write_safetensors(folder, state)
        compare_logits(row, folder, model, state, name, work)

    row = table.row("reading: every form of the weights, logits", 1e-10)
    draw = random.Random(2)
    for form, write in FORMS.items():
        for dtype, torch_dtype in DTYPES.items():
            for prefix in (True, False):
                for aliases in (ALIASES, *([alias] for alias in ALIASES)):
                    if quick and draw.random() < 0.8:
                        continue
                    model = model_of(COMMON, draw.randrange(1 << 30))
                    state = {name: value.to(torch_dtype) for name, value in model.state_dict().items()}
                    folder = new_folder(work, tokenizer, COMMON)
                    write(folder, named(state, prefix, aliases))
                    compare_logits(row, folder, model, state, f"{form} {dtype} prefix {prefix} {aliases}", work)

    row = table.row("reading: what save_pretrained writes, logits", 1e-10)
    for options in ({}, {"max_shard_size": "20KB"}):
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            model = model_of(COMMON, 7).to(dtype)
            folder = new_folder(work, tokenizer, COMMON)
            model.save_pretrained(folder, **options)
            compare_logits(row, folder, model, model.state_dict(), f"{options} {dtype}", work)

    row = table.row("reading: tokenizer.json, or vocab.json and merges.txt, ids")
    model = model_of(COMMON, 8)
    for files in ("tokenizer.json", "vocab.json merges.txt added_tokens.json"):
        folder = new_folder(work, tokenizer, COMMON)
        model.save_pretrained(folder)
        if files != "tokenizer.json":
            write_old_tokenizer(folder)
        # Without tokenizer.json Transformers 5 leaves the white space before a mask; 4 took it, as BART was trained, and
        # as kilm does.
        texts = [text for text in TEXTS if files == "tokenizer.json" or " <mask>" not in text]
        compare_ids(row, folder, AutoTokenizer.from_pretrained(folder), texts, files)


def write_old_tokenizer(folder):
    """vocab.json and merges.txt from tokenizer.json, which goes."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    bart.write_json(folder / "vocab.json", tokenizer["model"]["vocab"])
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    added = {token["content"]: token["id"] for token in tokenizer["added_tokens"]
             if token["content"] not in tokenizer["model"]["vocab"]}
    bart.write_json(folder / "added_tokens.json", added)
    (folder / "tokenizer.json").unlink()


def compare_ids(row, folder, tokenizer, texts, case):
    """Of texts without line ends."""
    given = kilm.run("tokenizer", "encode", folder, "--special", "--parse-special",
                     input="".join(text + "\n" for text in texts).encode())
    for text, line in zip(texts, given.decode().splitlines(), strict=True):
        row.same(json.loads(line), tokenizer(text).input_ids, f"{case}: {text!r}")


# ---- writing

def opened(folder):
    model, info = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True,
                                                        attn_implementation="eager")
    problems = {key: value for key, value in info.items() if value}
    return model, problems


def compare_written(rows, source, out, expected, tokenizer, case):
    """What is in `out` against the folder it came from and the model that is in it."""
    model, problems = opened(out)
    rows["open"].same(problems, {}, case)
    state = model.state_dict()
    for name, value in expected.items():
        rows["weights"].same(bool(torch.equal(state[name], value)), True, f"{case}: {name}")
    before, after = (BartConfig.from_pretrained(at).to_dict() for at in (source, out))
    for key, value in before.items():
        if key not in ("architectures", "dtype", "torch_dtype", "transformers_version", "_name_or_path"):
            rows["config"].same(after.get(key), value, f"{case}: {key}")
    opened_tokenizer = AutoTokenizer.from_pretrained(out)
    for token in bart.KILM:
        rows["tokens"].same(opened_tokenizer(token, add_special_tokens=False).input_ids,
                            [tokenizer.convert_tokens_to_ids(token)], f"{case}: {token}")
    for text in TEXTS:
        rows["tokens"].same(opened_tokenizer(text).input_ids, tokenizer(text).input_ids, f"{case}: {text!r}")
        ids = tokenizer(text).input_ids
        for skip in (False, True):
            rows["tokens"].same(opened_tokenizer.decode(ids, skip_special_tokens=skip),
                                tokenizer.decode(ids, skip_special_tokens=skip), f"{case}: {ids} {skip}")


def compare_writing(table, work, quick):
    rows = {"open": table.row("writing: folders that Transformers opens, nothing missing"),
            "weights": table.row("writing: weights, bit by bit"),
            "config": table.row("writing: values of config.json"),
            "generation": table.row("writing: values of generation_config.json"),
            "tokens": table.row("writing: tokenizer with the KILM tokens, texts both ways")}
    tokenizer = bart.make_tokenizer()
    for seed, (name, config) in enumerate(VARIANTS.items()):
        source, out = new_folder(work, tokenizer, config), work / f"out{seed}"
        model = model_of(config, 60 + seed)
        write_safetensors(source, named(model.state_dict(), True, ALIASES[:1]))
        kilm.run("convert", source, out)
        compare_written(rows, source, out, model.state_dict(), tokenizer, name)
        if name in ("large-cnn", "large-xsum"):
            written = GenerationConfig.from_pretrained(out).to_dict()
            for key in ("length_penalty", "max_length", "min_length", "num_beams", "no_repeat_ngram_size",
                        "early_stopping", "forced_bos_token_id", "forced_eos_token_id"):
                rows["generation"].same(written[key], config[key], f"{name}: {key}")

    source, out = work / "saved", work / "saved-out"
    model = model_of(COMMON, 90)
    model.generation_config.update(num_beams=5, max_length=40, repetition_penalty=1.5, bad_words_ids=[[7, 8]])
    bart.save(model, tokenizer, source)
    kilm.run("convert", source, out)
    compare_written(rows, source, out, model.state_dict(), tokenizer, "save_pretrained")
    before, after = (GenerationConfig.from_pretrained(at).to_dict() for at in (source, out))
    for key, value in before.items():
        rows["generation"].same(after[key], value, f"save_pretrained: {key}")
    kilm.run("convert", source, work / "half", "--dtype", "bf16")
    expected = {name: value.bfloat16().to(value.dtype) for name, value in model.state_dict().items()}
    given = {name: value.float() for name, value in opened(work / "half")[0].state_dict().items()}
    for name, value in expected.items():
        rows["weights"].same(bool(torch.equal(given[name], value)), True, f"bf16: {name}")
    compare_classifier(table, work, tokenizer)


def compare_classifier(table, work, tokenizer):
    head = table.row("mnli: the head that kilm convert keeps, class logits", 1e-6)
    notice = table.row("mnli: a notice that the head is set aside")
    config = VARIANTS["large-mnli"]
    known = {key: value for key, value in config.items() if key not in ("torch_dtype", "architectures")}
    model = bart.randomise(BartForSequenceClassification(BartConfig.from_dict(known, attn_implementation="eager")), 5)
    model.eval()
    source, out = new_folder(work, tokenizer, config), work / "classifier-out"
    write_safetensors(source, {name: value.clone() for name, value in model.state_dict().items()
                               if "embed_tokens" not in name})
    notice.same("classification head" in kilm.notices("convert", source, out), True, "kilm convert")
    again, info = BartForSequenceClassification.from_pretrained(out, output_loading_info=True,
                                                                attn_implementation="eager")
    head.same({key: value for key, value in info.items() if value and key != "unexpected_keys"}, {}, "loading")
    batch = {name: BATCH[name] for name in ("input_ids", "attention_mask")}
    batch["input_ids"][batch["input_ids"] == 2] = 3
    for i, row in enumerate(batch["attention_mask"].sum(1)):
        batch["input_ids"][i, row - 1] = 2
    with torch.no_grad():
        head.add((again.eval()(**batch).logits - model(**batch).logits).abs().max().item(), "logits")


def compare_checkpoint(table, work, quick):
    """The model folder of a checkpoint."""
    import training
    tokenizer = bart.make_tokenizer()
    model = bart.make_model(70, max_position_embeddings=256)
    source = work / "start"
    bart.save(model, tokenizer, source)
    data, paragraphs, _ = training.prepare(work, source)
    kilm.run("train", "--data", data, "--model", source, "--out", work / "run", "--steps", 2, "--accumulate", 1,
             "--eval-every", 0)
    folder = work / "run/ckpt/step-00000002/model"
    rows = {name: table.row(f"a checkpoint's model folder: {what}") for name, what in
            {"open": "opens", "weights": "weights as stored", "config": "config.json",
             "tokens": "tokenizer with the KILM tokens"}.items()}
    stored = load_file(folder / "model.safetensors")
    compare_written(rows, source, folder, stored, tokenizer, "checkpoint")
    moved = max((stored[name] - value).abs().max().item() for name, value in model.named_parameters())
    rows["weights"].same(moved > 0, True, "training moved them")
    row = table.row("a checkpoint's model folder: logits", 1e-10)
    expected = logits_of(opened(folder)[0], stored)
    given = kilm.dump(work / "run", bart.as_json(BATCH), work, "--dtype", "f64")["logits"]
    row.add(steps.largest(given, expected, torch.ones(given.shape[:2])), "checkpoint")


def compare(table, work, quick):
    for part in (compare_reading, compare_writing, compare_checkpoint):
        folder = work / part.__name__
        folder.mkdir()
        part(table, folder, quick)
