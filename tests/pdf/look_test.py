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
sys.path.insert(0, str(SOURCE / "tests/support"))
import likeness  # noqa: E402


def measure(paths):
    with tempfile.TemporaryDirectory(prefix="sekisho-pdf-look.") as folder:
        subprocess.run([BUILD / "tests/hostile/sanitize-many", BUILD / "sanitizer/worker/sekisho-sanitizer", "--output",
                        folder], input="".join(f"{path}\n" for path in paths), text=True, capture_output=True, check=True)
        for number, path in enumerate(paths):
            output = pathlib.Path(folder) / str(number)
            if output.exists():
                yield path, likeness.alike(path, output)


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
