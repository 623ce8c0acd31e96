"""The table of a comparison: what was compared, in how many cases, the largest difference, and whether that is little
enough."""

import json
import sys


class Row:
    def __init__(self, what, tolerance):
        self.what, self.tolerance = what, tolerance
        self.cases, self.difference, self.worst = 0, 0.0, ""

    def add(self, difference, case, cases=1):
        """One more case, or several of which this is the largest difference. nan counts as infinitely far."""
        self.cases += cases
        difference = float(difference) if difference == difference else float("inf")
        if difference > self.difference:
            self.difference, self.worst = difference, case

    def same(self, given, expected, case):
        """One more case, which is right or wrong: the difference is how many are wrong."""
        self.cases += 1
        if given != expected:
            self.difference += 1
            self.worst = self.worst or f"{case}: {shortened(given)} instead of {shortened(expected)}"

    @property
    def ok(self):
        return self.cases > 0 and self.difference <= self.tolerance


class Table:
    def __init__(self):
        self.rows = []

    def row(self, what, tolerance=0.0):
        self.rows.append(Row(what, tolerance))
        return self.rows[-1]

    def failed(self, what, error):
        row = self.row(what)
        row.add(1, f"{type(error).__name__}: {error}")

    @property
    def ok(self):
        return bool(self.rows) and all(row.ok for row in self.rows)

    def print(self, as_json):
        for row in self.rows:
            if not row.ok:
                print(f"{row.what}: {row.worst or 'no case was compared'}", file=sys.stderr)
        if as_json:
            for row in self.rows:
                print(json.dumps({"what": row.what, "cases": row.cases, "difference": row.difference,
                                  "tolerance": row.tolerance, "ok": row.ok}))
            return
        width = max(len(row.what) for row in self.rows)
        print(f"{'what':<{width}}  {'cases':>9}  {'largest difference':>18}  {'tolerance':>9}")
        for row in self.rows:
            print(f"{row.what:<{width}}  {row.cases:>9}  {row.difference:>18.3g}  {row.tolerance:>9.3g}  "
                  f"{'ok' if row.ok else 'DIFFERS'}")


def shortened(value):
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "..."
