#!/usr/bin/env python3
"""Everything of the corpora that is a mail or a file through the built program, and what became of it (H1, H3, X8): no process
dies, no deadline is missed, no result fails its check, and the counts of summary.tsv hold.  Other programs find nothing in the
results that acts (tests/support/harmless.py): in every twelfth, in all with SEKISHO_ALL=1.

summary.tsv: source folder, whether it is the input itself or something inside it (a mail's part, an archive's member), what it
was found to be, what became of it, the main reason, how many.  LibreOffice is not asked: what needs it is held as engine-missing.
SEKISHO_ACCEPT=1 writes it anew: read the difference.

Looked through by hand on 2026-11-26, every row and the files behind those that surprised:
- Two TNEF files without a word in them ended their process (bad-reply); now they are refused as no-text.
- Half of a city's workbooks counted as having macros: their writer lists the types of all extensions there are.  Only a type
  that some part has counts now.
- Archives of which nothing is left (archive-empty) are those of programs, links, methods beyond deflate in a zip, and volumes
  of several; files of no octets are left out as no-text, so that an archive of such files alone is refused.
- The 22 refused PNGs are those that were made to crash readers; of bad_iCCP.png, badadler.png and badcrc.png others show something.
- The RTF of libmagic's tests is a beginning without an end: refused as malformed before LibreOffice would be asked.
- Binary workbooks (xlsb) were taken out; now LibreOffice is asked, as for the old formats.
- TNEF files that came as files become the text of their mail; their attachments are left out (in-mail-file), where those of a
  winmail.dat in a mail come along.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus"))
GOLDEN = HERE / "summary.tsv"
BROKEN = {"job-timeout", "part-timeout", "job-worker-died", "worker-died", "bad-reply", "job-verify-failed", "verify-failed"}
STEP = 1 if os.environ.get("SEKISHO_ALL") else 12  # of the results, looked into by others
sys.path.insert(0, str(SOURCE / "tests/support"))
import harmless  # noqa: E402
import make_samples  # noqa: E402

# Originals in which whoever looks must find something, or he is blind.
TELLING = ("office/poi/document/SimpleMacro.docm", "office/poi/document/EmbeddedDocument.docx", "office/poi/spreadsheet/SimpleMacro.xlsm",
           "office/poi/slideshow/EmbeddedAudio.pptx", "office/poi/spreadsheet/poc-xmlbomb.xlsx",
           "pdf/verapdf/PDF_A-2b__6.5 Action__6.5.1 General__veraPDF test suite 6-5-1-t01-fail-k.pdf",
           "../mail/html2text/html/full_email.html")


def source_of(path):
    """mail/stalwart, files/pdf/qpdf"""
    steps = path.split("/")
    return "/".join(steps[:2 if steps[0] == "mail" else 3])


def is_mail(file):
    return file["output_kind"] == "mail" or any(file[field] for field in ("from", "subject", "message_id"))


def main_reason(reasons):
    return reasons[0] if reasons else "-"


def rows_of(file):
    """(inside or not, kind, outcome, main reason) of an input and of what is in it."""
    parts = file["parts"]
    if is_mail(file):
        yield "whole", "mail", file["status"], file["reason"] if file["status"] != "clean" else main_reason(file["reasons"])
        inside = parts
    else:
        own = parts[0] if parts else {"kind": "unknown", "reasons": []}
        yield "whole", own["kind"], file["status"], file["reason"] if file["status"] != "clean" else main_reason(own["reasons"])
        inside = parts[1:]
    for part in inside:
        yield "inside", part["kind"], part["action"], main_reason(part["reasons"])


def reasons_of(file):
    yield file["reason"]
    yield from file["reasons"]
    for part in file["parts"]:
        yield from part["reasons"]


def sanitize(folder, kind):
    """Reports of all files below CORPUS/kind."""
    report = folder / f"{kind}.json"
    run = subprocess.run([BUILD / "gateway/cli/sekisho", "sanitize", CORPUS / kind, "-o", folder / kind, "--report", report,
                          "--rules", HERE / "everything.rules", "--jobs", str(max(2, os.cpu_count() or 2))],
                         capture_output=True, text=True, env={**os.environ, "SEKISHO_OFFICE": "/nonexistent"})
    if not report.exists():
        sys.exit(f"sanitize ended with {run.returncode}: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    for file in json.loads(report.read_text(encoding="utf-8"))["files"]:
        file["input"] = f"{kind}/{file['input']}"
        if file["input"].endswith("TAGS.tsv"):
            continue
        yield file


def look_into(folder, failures):
    results = sorted(path for kind in ("mail", "files") for path in (folder / kind).rglob("*") if path.is_file())
    for path, wrong in harmless.look_at_files(results[::STEP]).items():
        failures.append(f"in the result {path}: {wrong[:3]}")
    (folder / "gps.jpg").write_bytes(make_samples.jpeg())
    originals = [str(folder / "gps.jpg")] + [str(CORPUS / "files" / name) for name in TELLING]
    failures += [f"nothing was found in {name}" for name in set(originals) - set(harmless.look_at_files(originals))]
    return len(results[::STEP])


def main():
    if not CORPUS.is_dir():
        print("no corpus at", CORPUS)
        return 77
    failures, slowest = [], (0, "")
    counts = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="sekisho-summary.") as name:
        folder = pathlib.Path(name)
        for file in [*sanitize(folder, "mail"), *sanitize(folder, "files")]:
            if file.get("error"):
                failures.append(f"{file['input']}: {file['error']}")
                continue
            for reason in BROKEN.intersection(reasons_of(file)):
                failures.append(f"{file['input']}: {reason}")
            slowest = max(slowest, (file["milliseconds"], file["input"]))
            for row in rows_of(file):
                counts["\t".join((source_of(file["input"]), *row))] += 1
        looked = look_into(folder, failures)
    lines = [f"{row}\t{counts[row]}" for row in sorted(counts)]
    if os.environ.get("SEKISHO_ACCEPT"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = GOLDEN.read_text(encoding="utf-8").splitlines()
    failures += [f"not in summary.tsv: {line}" for line in lines if line not in set(known)]
    failures += [f"only in summary.tsv: {line}" for line in known if line not in set(lines)]
    for failure in failures:
        print("FAILED", failure)
    wholes = sum(count for row, count in counts.items() if "\twhole\t" in row)
    print(f"{wholes} inputs, {sum(counts.values()) - wholes} things in them, {looked} results looked into, {len(failures)} failures; "
          f"the slowest took {slowest[0]} ms: {slowest[1]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
