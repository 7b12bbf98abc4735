#!/usr/bin/env python3
"""What comes out looks like what went in: originals and outputs drawn by another engine (poppler), compared by structural
similarity (mean over blocks of 8 x 8 pixels).  The pages of looks.tsv, which says what each showed when it was looked at."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus")) / "files/pdf"
DPI = 36


def picture(pdf):
    """Width and rows of the first page in gray; None where poppler draws nothing."""
    drawn = subprocess.run(["pdftoppm", "-q", "-r", str(DPI), "-gray", "-f", "1", "-l", "1", pdf], capture_output=True).stdout
    parts = drawn.split(b"\n", 3)
    if len(parts) < 4:
        return None
    width, height = map(int, parts[1].split())
    return width, [parts[3][y * width:(y + 1) * width] for y in range(height)]


def similarity(one, other):
    """-1 to 1; pages of different size (beyond a pixel) are not alike at all."""
    if one is None or other is None:
        return 0.0
    (w1, rows1), (w2, rows2) = one, other
    if abs(w1 - w2) > 1 or abs(len(rows1) - len(rows2)) > 1:
        return 0.0
    width, height = min(w1, w2), min(len(rows1), len(rows2))
    total = count = 0
    for y in range(0, max(height - 7, 1), 8):
        for x in range(0, max(width - 7, 1), 8):
            a = b"".join(row[x:x + 8] for row in rows1[y:y + 8])
            b = b"".join(row[x:x + 8] for row in rows2[y:y + 8])
            n = min(len(a), len(b))
            if n == 0:
                continue
            ma, mb = sum(a) / n, sum(b) / n
            va, vb = sum(p * p for p in a) / n - ma * ma, sum(p * p for p in b) / n - mb * mb
            cov = sum(p * q for p, q in zip(a, b)) / n - ma * mb
            total += ((2 * ma * mb + 6.5) * (2 * cov + 58.5)) / ((ma * ma + mb * mb + 6.5) * (va + vb + 58.5))
            count += 1
    return total / count if count else 0.0


def measure(paths):
    with tempfile.TemporaryDirectory(prefix="sekisho-pdf-look.") as folder:
        subprocess.run([BUILD / "tests/hostile/sanitize-many", BUILD / "sanitizer/worker/sekisho-sanitizer", "--output",
                        folder], input="".join(f"{path}\n" for path in paths), text=True, capture_output=True, check=True)
        for number, path in enumerate(paths):
            output = pathlib.Path(folder) / str(number)
            if output.exists():
                yield path, similarity(picture(path), picture(output))


def main():
    if not CORPUS.is_dir() or not shutil.which("pdftoppm"):
        print("no corpus or no pdftoppm")
        return 77
    if "--all" in sys.argv:  # a list to look through, worst first
        every = [path for path in sorted(CORPUS.rglob("*")) if path.is_file()]
        for alike, path in sorted((alike, str(path.relative_to(CORPUS))) for path, alike in measure(every)):
            print(f"{alike:.3f}\t{path}")
        return 0
    failed = 0
    rows = [line.split("\t") for line in (HERE / "looks.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    least = {CORPUS / path: float(value) for value, path, *_ in rows}
    seen = dict(measure(list(least)))
    for path, value in least.items():
        if seen.get(path, -1) < value:
            failed += 1
            print(f"FAILED {path.relative_to(CORPUS)}: {seen.get(path)}, not {value} alike")
    print(f"{len(least)} pages looked at, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
