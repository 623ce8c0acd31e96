"""Makes fixtures/retrieval-golden by regex, scikit-learn 1.9.1 and scipy 1.17.1: texts and a query, and the texts that
DrQA's weighting finds."""

import json
import pathlib

import retrieval_cases as cases


def main():
    folder = pathlib.Path(__file__).parents[1] / "fixtures/retrieval-golden"
    folder.mkdir(exist_ok=True)
    lines = [case | {"results": cases.search(**case)} for case in cases.cases(21, 120)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "cases.jsonl").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
