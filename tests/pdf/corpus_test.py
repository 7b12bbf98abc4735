#!/usr/bin/env python3
"""The PDFs of the corpus through the real workers: outcomes.tsv says what becomes of each (H3).

Of what comes out, other people's programs say that it is sound (qpdf), has no active name (as pdfid looks),
tells nothing of anybody (exiftool) and still has the text (pdftotext); and one processor makes the same octets as two.
Every fifth file; all with SEKISHO_ALL=1.  SEKISHO_ACCEPT=1 with it writes outcomes.tsv anew: read the difference.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus")) / "files/pdf"
GOLDEN = HERE / "outcomes.tsv"
EVERYTHING = bool(os.environ.get("SEKISHO_ALL"))
STEP = 1 if EVERYTHING else 5
sys.path.insert(0, str(SOURCE / "tests/support"))
import harmless  # noqa: E402

failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED", what)


def sanitize(paths, folder=None, prefix=()):
    """{path: (status, reasons, hash of the output)}; outputs go to folder/NUMBER."""
    command = [*prefix, BUILD / "tests/hostile/sanitize-many", BUILD / "sanitizer/worker/sekisho-sanitizer",
               "--each", "1", "--deadline-ms", "30000"]
    if folder:
        command += ["--output", folder]
    run = subprocess.run(list(map(str, command)), input="".join(f"{path}\n" for path in paths), text=True,
                         capture_output=True, timeout=900)
    expect(run.returncode == 0, f"sanitize-many: {run.stdout[-600:]}{run.stderr[-600:]}")
    outcomes = {}
    for line in run.stdout.splitlines():
        if line.startswith("each\t"):
            _, status, reasons, digest, path = line.split("\t", 4)
            outcomes[path] = (status, reasons, digest)
    return outcomes


def relative(path):
    return str(pathlib.Path(path).relative_to(CORPUS))


def compare_with_golden(outcomes):
    lines = {relative(path): f"{status}\t{reasons}" for path, (status, reasons, _) in outcomes.items()}
    if os.environ.get("SEKISHO_ACCEPT") and EVERYTHING:
        GOLDEN.write_text("".join(f"{lines[path]}\t{path}\n" for path in sorted(lines)), encoding="utf-8")
    known = {}
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        outcome, path = line.rsplit("\t", 1)
        known[path] = outcome
    for path, outcome in lines.items():
        expect(known.get(path) == outcome, f"{path}: {outcome!r}, not {known.get(path)!r}")


def look_with_other_programs(outputs):
    for output, wrong in harmless.look_at_files(list(outputs)).items():
        expect(False, f"{outputs[pathlib.Path(output)]}: {wrong}")


def words(path):
    text = subprocess.run(["pdftotext", "-q", "-enc", "UTF-8", path, "-"], capture_output=True).stdout
    return set(re.findall(r"\w{3,}", text.decode("utf-8", "replace")))


def look_for_the_text(outputs):
    """Most words that another reader finds in the original are found in the output."""
    if not shutil.which("pdftotext"):
        return
    before = after = 0
    for output, original in outputs.items():
        own = words(original)
        if len(own) < 20:
            continue
        kept = len(own & words(output))
        before, after = before + len(own), after + kept
        print(f"text {kept / len(own):5.2f} {relative(original)}") if kept < 0.7 * len(own) else None
    expect(before == 0 or after > 0.85 * before, f"only {after} of {before} words are found")


def one_processor_and_two(outcomes):
    """Documents of many pages are printed by several processes: the octets must not depend on it."""
    if not shutil.which("taskset"):
        return
    long = [path for path in outcomes if outcomes[path][0] == "clean"]
    long = sorted(long, key=lambda path: -os.path.getsize(path))[:12]
    alone = sanitize(long, prefix=("taskset", "-c", "0"))
    for path in long:
        expect(alone.get(path) == outcomes[path], f"{relative(path)}: another output on one processor")


def main():
    if not CORPUS.is_dir():
        print("no corpus at", CORPUS)
        return 77
    paths = [str(path) for path in sorted(CORPUS.rglob("*")) if path.is_file()][::STEP]
    with tempfile.TemporaryDirectory(prefix="sekisho-pdf-corpus.") as folder:
        outcomes = sanitize(paths, folder)
        expect(len(outcomes) == len(paths), f"{len(outcomes)} outcomes of {len(paths)} files")
        compare_with_golden(outcomes)
        outputs = {pathlib.Path(folder) / str(number): path for number, path in enumerate(paths)
                   if (pathlib.Path(folder) / str(number)).exists()}
        outputs = {output: path for output, path in outputs.items() if output.read_bytes()[:5] == b"%PDF-"}
        look_with_other_programs(outputs)
        look_for_the_text(outputs)
        one_processor_and_two(outcomes)
    print(f"{len(paths)} files, {len(outputs)} new PDFs, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
