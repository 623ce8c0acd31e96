"""`kilm metric` against rouge-score, sacrebleu, nltk, scikit-learn and scipy, on 1,000 random and odd cases of each
measure: each case alone, and of texts all together. Exit code 1 if one differs."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import metric_cases as cases
from table import Table

PROGRAM = os.environ.get("KILM", pathlib.Path(__file__).resolve().parents[2] / "build" / "kilm")
TOLERANCE = 1e-9


def measured(measures, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    done = subprocess.run([PROGRAM, "metric", *measures, "--json"], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"kilm metric: {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def difference(given, expected):
    if given is None or expected is None:
        return 0 if given is expected else float("inf")
    return abs(given - expected)


def compare(rows, given, expected, case):
    for measure, value in expected.items():
        row = rows[measure]
        row.add(difference(given[measure], value), f"{case}: {given[measure]} instead of {value}")


def text_line(case):
    return {"prediction": case[0], "references": case[1]}


def compare_texts(table, count):
    rows = {measure: table.row(measure, TOLERANCE) for measure in cases.TEXT_MEASURES}
    corpus = table.row("bleu of all cases, means of the others", TOLERANCE)
    all_cases, sums = cases.text_cases(1, count), dict.fromkeys(cases.TEXT_MEASURES, 0)
    for case in all_cases:
        expected = cases.text_scores(*case)
        compare(rows, measured(cases.TEXT_MEASURES, [text_line(case)]), expected, case)
        for measure, value in expected.items():
            sums[measure] += value
    given = measured(cases.TEXT_MEASURES, map(text_line, all_cases))
    expected = {measure: total / len(all_cases) for measure, total in sums.items()} | {"bleu": cases.bleu(all_cases)}
    for measure, value in expected.items():
        corpus.add(difference(given[measure], value), f"{measure}: {given[measure]} instead of {value}")


def compare_pairs(table, measures, all_cases, scores):
    rows = {measure: table.row(measure, TOLERANCE) for measure in measures}
    for pairs in all_cases:
        given = measured(measures, [{"prediction": x, "reference": y} for x, y in pairs])
        compare(rows, given, scores(pairs), str(pairs)[:200])


def main():
    parser = argparse.ArgumentParser(prog="tools/compare metrics", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="the table as JSON lines")
    arguments = parser.parse_args()
    table = Table()
    compare_texts(table, arguments.cases)
    compare_pairs(table, cases.LABEL_MEASURES, cases.label_cases(2, arguments.cases), cases.label_scores)
    compare_pairs(table, cases.NUMBER_MEASURES, cases.number_cases(3, arguments.cases), cases.number_scores)
    table.print(arguments.json)
    return 0 if table.ok else 1


if __name__ == "__main__":
    sys.exit(main())
