"""build/kilm as a subprocess."""

import json
import pathlib
import subprocess

from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "kilm"


class Failed(Exception):
    pass


def run(*words, **options):
    """Standard output of `kilm words`; Failed with what it wrote to standard error if it does not exit with 0."""
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, **options)
    if done.returncode != 0:
        raise Failed(f"kilm {' '.join(map(str, words))}: {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def notices(*words):
    """What a command that succeeds writes to standard error."""
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, check=True)
    return done.stderr.decode()


def dump(model, batch, work, *options):
    """The tensors of `kilm dump`, by name."""
    (work / "batch.json").write_text(json.dumps(batch))
    run("dump", "--model", model, "--batch", work / "batch.json", "--out", work / "step.safetensors", *options)
    return load_file(work / "step.safetensors")
