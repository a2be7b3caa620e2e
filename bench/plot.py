#!/usr/bin/env python3
"""Writes what `make bench ARGS=--json` found into docs/performance.md, and draws the growth curves beside it.

    make bench ARGS=--json > bench.json
    python3 bench/plot.py bench.json docs/

A table goes between the lines `<!-- table GROUP -->` and `<!-- end -->`; `<!-- table GROUP by -->` puts what follows the last comma
of a name into columns. `<!-- run -->` is what was measured on. Only the curves need matplotlib (Debian: python3-matplotlib).
"""
import io
import json
import math
import pathlib
import re
import sys

MICROSECONDS = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
BYTES = {"B": 1, "kB": 1e3, "MB": 1e6}


# ---- tables

def number(x):
    """Four digits that say something."""
    if x == 0:
        return "0"
    digits = max(0, 3 - math.floor(math.log10(abs(x))))
    text = f"{x:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def memory(size):
    return f"{number(size / 1e6)} MB" if size >= 1e6 else f"{number(size / 1e3)} kB"


def table(head, lines, last_is_text=False):
    right = len(head) - 1 - last_is_text
    rule = "|---" + "|---:" * right + "|---" * last_is_text + "|"
    first, *rest = ["|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|" for cells in [head] + lines]
    return "\n".join([first, rule] + rest)


def labelled(row):
    return f"{row['name']}, {row['unit']}" if row["unit"] else row["name"]


def in_order(items):
    return list(dict.fromkeys(items))


def plain_table(rows):
    """A line for each row: figure, and what else there is in any of them."""
    floors, memories = any("floor" in r for r in rows), any("memory" in r for r in rows)
    head = ["", "figure"] + ["floor", "ratio"] * floors + ["memory"] * memories + ["the floor is"] * floors
    lines = []
    for r in rows:
        line = [labelled(r), number(r["value"])]
        if floors:
            line += [number(r["floor"]), f"{r['ratio']:.2f}"] if "floor" in r else ["", ""]
        if memories:
            line.append(memory(r["memory"]) if "memory" in r else "")
        if floors:
            line.append(r.get("floor_is", ""))
        lines.append(line)
    return table(head, lines, last_is_text=floors)


def matrix(corner, columns, lines):
    """`lines`: {label: {column: row}}. Below a line of figures are its ratios and its memory, where there are any."""
    def line(label, text_of, key):
        return [label] + [text_of(rows[c][key]) if c in rows and key in rows[c] else "" for c in columns]

    cells, floors = [], in_order(r["floor_is"] for rows in lines.values() for r in rows.values() if "floor" in r)
    for label, rows in lines.items():
        cells.append(line(label, number, "value"))
        if any("floor" in r for r in rows.values()):
            cells.append(line("… × the floor", "{:.2f}".format, "ratio"))
        if any("memory" in r for r in rows.values()):
            cells.append(line("… memory", memory, "memory"))
    return table([corner] + columns, cells) + (f"\n\nThe floor: {'; '.join(floors)}." if floors else "")


def growth_table(rows):
    lines = {}
    for r in rows:
        lines.setdefault(labelled(r), {})[f"{r['x']:.0f}"] = r
    return matrix(rows[0]["x_is"], [f"{x:.0f}" for x in sorted({r["x"] for r in rows})], lines)


def table_by(rows):
    lines = {}
    for r in rows:
        label, column = r["name"].rsplit(", ", 1)
        lines.setdefault(label, {})[column] = r
    return matrix(rows[0]["unit"], in_order(c for line in lines.values() for c in line), lines)


def tables_of(rows, by):
    plain = [r for r in rows if "x" not in r]
    tables = [table_by(plain) if by else plain_table(plain)] if plain else []
    for x_is in in_order(r["x_is"] for r in rows if "x" in r):
        tables.append(growth_table([r for r in rows if r.get("x_is") == x_is]))
    return "\n\n".join(tables)


def fill_in(text, result):
    """What was not measured stays as it was."""
    def new_table(found):
        rows = [r for r in result["rows"] if r["group"] == found["group"] and "value" in r]
        return f"{found['mark']}\n{tables_of(rows, found['by'])}\n<!-- end -->" if rows else found[0]

    run = f"{result['processor']}, {result['processors']} processors, {result['compiler']}, effort: {result['effort']}"
    text = re.sub(r"(<!-- run -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}{run}\n{m[2]}", text, flags=re.S)
    return re.sub(r"(?P<mark><!-- table (?P<group>\w+)(?P<by> by)? -->)\n.*?<!-- end -->", new_table, text, flags=re.S)


# ---- curves

def curves(rows, scales, value):
    """{name: [(x, y), ...]} of the rows whose unit is one of `scales`."""
    found = {}
    for r in rows:
        unit = r["unit"].split("/")[0]
        if value == "value" and unit in scales:
            found.setdefault(labelled(r).removesuffix(f", {r['unit']}"), []).append((r["x"], r["value"] * scales[unit]))
        elif value == "memory" and "memory" in r:
            found.setdefault(f"{r['name']}: memory", []).append((r["x"], r["memory"]))
    return {name: sorted(points) for name, points in found.items() if len(points) > 1}


def draw(axes, found, x_is, y_is):
    for i, (name, points) in enumerate(found.items()):
        axes.plot(*zip(*points), marker="ov^sDPX*<>"[i % 10], markersize=3.5, linewidth=1.2, color=f"C{i % 10}", label=name)
    axes.set(xscale="log", yscale="log", xlabel=x_is, ylabel=y_is)
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    for k in range(-30, 30):  # y = c x: a curve along these is linear
        base = 10.0 ** k
        axes.plot([left, right], [base * left, base * right], color="0.9", linewidth=0.8, zorder=0)
    axes.set_xlim(left, right)
    axes.legend(fontsize=6.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    axes.tick_params(labelsize=8)


def plot(x_is, rows, path):
    import matplotlib.pyplot as plt
    from PIL import Image
    panels = [("CPU time, us", curves(rows, MICROSECONDS, "value")),
              ("bytes", curves(rows, {}, "memory") | curves(rows, BYTES, "value"))]
    panels = [p for p in panels if p[1]]
    figure, axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 5.2), squeeze=False)
    for one, (y_is, found) in zip(axes[0], panels):
        draw(one, found, x_is, y_is)
    figure.tight_layout()
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=90, metadata={"Software": None})
    plt.close(figure)
    Image.open(drawn).convert("RGB").quantize(48).save(path, optimize=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    result = json.loads(pathlib.Path(sys.argv[1]).read_text())
    docs = pathlib.Path(sys.argv[2])
    page = docs / "performance.md"
    text = page.read_text()
    page.write_text(fill_in(text, result))
    for group in in_order(r["group"] for r in result["rows"]):
        if f"<!-- table {group}" not in text:
            print(f"{page} has no table for the group {group}", file=sys.stderr)
    try:
        import matplotlib
        matplotlib.use("Agg")
    except ImportError:
        sys.exit("The tables are written. The curves need matplotlib: apt install python3-matplotlib, or pip install matplotlib.")
    rows = [r for r in result["rows"] if "x" in r]
    for x_is in in_order(r["x_is"] for r in rows):
        plot(x_is, [r for r in rows if r["x_is"] == x_is], docs / f"growth-{x_is.replace(' ', '-')}.png")


main()
