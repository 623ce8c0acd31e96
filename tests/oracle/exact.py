"""Everything that should be exactly as the Python packages have it, as one table. Exit code 1 if something is not."""

import argparse
import pathlib
import sys
import tempfile
import time
import traceback
import warnings

import torch
from transformers.utils import logging

import folders
import generation
import steps
import tokenizer
import training
from table import Table

PARTS = {"folders": folders.compare, "steps": steps.compare, "training": training.compare,
         "generation": generation.compare, "tokenizer": tokenizer.compare}


def main():
    parser = argparse.ArgumentParser(prog="tools/compare exact", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample, in a few minutes")
    parser.add_argument("--json", action="store_true", help="the table as JSON lines")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART",
                        help="of " + ", ".join(PARTS))
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    table = Table()
    for part in arguments.only:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as work:
            try:
                PARTS[part](table, pathlib.Path(work), arguments.quick)
            except Exception as error:
                traceback.print_exc()
                table.failed(part, error)
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    table.print(arguments.json)
    return 0 if table.ok else 1


if __name__ == "__main__":
    sys.exit(main())
