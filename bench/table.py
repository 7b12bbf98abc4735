"""Joins the figures of the measurers and prints them: table.py yes|no|markdown FILE… [-- FIGURE…]  (yes: as JSON; those that
were asked for and are not there are named)."""
import json
import pathlib
import sys

COLUMNS = ("name", "value", "unit", "min", "max", "runs", "reference", "reference_value", "ratio")


def word(value):
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return "" if value is None else str(value)


def table(figures):
    rows = [COLUMNS] + [tuple(word(figure.get(column)) for column in COLUMNS) for figure in figures]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    text = {0, 2, 6}  # columns of words; the others are numbers
    for row in rows:
        print("  ".join(cell.ljust(width) if at in text else cell.rjust(width)
                        for at, (cell, width) in enumerate(zip(row, widths))).rstrip())


def markdown(figures):
    print("| figure | median | unit | min … max | reference | ratio |\n|---|---|---|---|---|---|")
    for figure in figures:
        get = lambda column: word(figure.get(column))
        reference = f"{get('reference')}: {get('reference_value')}" if figure.get("reference") else ""
        print(f"| {get('name')} | {get('value')} | {get('unit')} | {get('min')} … {get('max')} | {reference} | "
              f"{get('ratio')} |")


def verdicts(figure):
    """Of a capture that was replayed."""
    counts = figure["verdicts"]
    print(f"\n{figure['packets']} packets, {figure['gbit_per_second']:.2f} Gbit/s; the first time round: "
          f"{counts['pass']} pass, {counts['relay']} relay, {counts['drop']} drop")
    for reason, count in (counts["reasons"] or {}).items():
        print(f"  drop {reason:<24} {count:>9}")


def main():
    figures = []
    words = sys.argv[2:] + ["--"]
    files, asked = words[:words.index("--")], words[words.index("--") + 1:-1]
    for path in map(pathlib.Path, files):
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        if content.strip():
            figures += json.loads(content)["figures"]
    if sys.argv[1] == "yes":
        print(json.dumps({"figures": figures}, ensure_ascii=False))
    elif sys.argv[1] == "markdown":
        markdown(figures)
    else:
        table(figures)
        for figure in figures:
            if "verdicts" in figure:
                verdicts(figure)
    missing = [name for name in asked if not any(figure["name"].startswith(name) for figure in figures)]
    for name in missing:
        print(f"bench/run: no figure {name}: there is none of that name, or it was left out (see above)", file=sys.stderr)
    return 0 if figures and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
