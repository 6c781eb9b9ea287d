#!/usr/bin/env python3
"""Makes pump-train.csv and pump-test.csv: readings of an invented pump, a minute a line, with a label in the last column.

Load sets flow, pressure, current, temperature and vibration, each with noise of its own. One line in fifty is an anomaly: a sensor
that is stuck at its mean, a relation that is broken (a leak: pressure without flow), or a spike. Missing readings are written nan.
Needs only Python's standard library; the same numbers with every version since 3.2.
"""

import math
import pathlib
import random

COLUMNS = ["load", "flow", "pressure", "current", "temperature", "vibration", "ambient", "voltage"]


def reading(draw, minute):
    load = 0.55 + 0.25 * math.sin(minute / 1440 * 2 * math.pi) + draw.gauss(0, 0.06)
    ambient = 18 + 5 * math.sin((minute - 300) / 1440 * 2 * math.pi) + draw.gauss(0, 0.5)
    return [
        load,
        40 * load + draw.gauss(0, 0.6),
        2 + 3 * load * load + draw.gauss(0, 0.05),
        6 + 9 * load + draw.gauss(0, 0.2),
        ambient + 22 * load + draw.gauss(0, 0.6),
        abs(0.5 + 0.8 * load + draw.gauss(0, 0.08)),
        ambient,
        230 + draw.gauss(0, 1.5),
    ]


def spoil(draw, row):
    kind = draw.randrange(3)
    if kind == 0:
        column, value = draw.choice([(1, 22), (3, 11), (4, 30)])
        row[column] = value
    elif kind == 1:
        row[1] *= 0.75
        row[2] *= 0.85
    else:
        row[5] += draw.uniform(0.5, 1.5)


def table(path, draw, rows):
    lines = [",".join(COLUMNS + ["anomaly"])]
    for minute in range(rows):
        row = reading(draw, 7 * minute)
        anomaly = draw.random() < 0.02
        if anomaly:
            spoil(draw, row)
        fields = ["nan" if draw.random() < 0.002 else f"{value:.3f}" for value in row]
        lines.append(",".join(fields + [str(int(anomaly))]))
    path.write_text("\n".join(lines) + "\n")


def main():
    folder = pathlib.Path(__file__).parent
    draw = random.Random(2026)
    table(folder / "pump-train.csv", draw, 2000)
    table(folder / "pump-test.csv", draw, 1500)


if __name__ == "__main__":
    main()
