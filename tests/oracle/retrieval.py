"""`kilm index` against DrQA's weighting in scipy, on 1,000 random and odd cases. Exit code 1 if one differs."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import retrieval_cases as cases
from table import Table

PROGRAM = os.environ.get("KILM", pathlib.Path(__file__).resolve().parents[2] / "build" / "kilm")
TOLERANCE = 1e-9


def run(arguments, text=""):
    done = subprocess.run([PROGRAM, "index", *arguments], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"kilm index: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def found(folder, case):
    """What kilm finds. Questions are never empty, so a case keeps its other documents and their order."""
    table = folder / "table.jsonl"
    table.write_text("".join(json.dumps({"question": text, "answer": ["x"]}) + "\n" for text in case["documents"]))
    run([str(table), "--out", str(folder / "index"), "--buckets", str(case["buckets"])])
    lines = run(["--search", str(folder / "index"), "-k", str(case["k"]), "--json"], case["query"] + "\n")
    return [[result["id"], result["score"]] for result in json.loads(lines)["results"]]


def main():
    parser = argparse.ArgumentParser(prog="tools/compare retrieval", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="the table as JSON lines")
    arguments = parser.parse_args()
    table = Table()
    ranks, scores = table.row("index: documents and their order"), table.row("index: scores", TOLERANCE)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases.cases(1, arguments.cases):
            case["documents"] = [text if text.strip() else "?" for text in case["documents"]]
            given, expected = found(pathlib.Path(folder), case), cases.search(**case)
            ranks.same([number for number, _ in given], [number for number, _ in expected], case)
            difference = max((abs(a[1] - b[1]) for a, b in zip(given, expected)), default=0)
            scores.add(difference, f"{case}: {given} instead of {expected}")
    table.print(arguments.json)
    return 0 if table.ok else 1


if __name__ == "__main__":
    sys.exit(main())
