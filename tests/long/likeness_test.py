#!/usr/bin/env python3
"""Documents and pictures of the corpus look afterwards as they did before (H3).  Both sides are drawn by other programs:
LibreOffice prints the original and what was rebuilt of it to PDFs, poppler draws the first three pages of both, and they are
compared by structural similarity; so are the PDFs that `render` makes.  Every fifth file (of PDFs every twentieth).

likeness.tsv lists what is below ALIKE: the least likeness it must have, the file, and what the two pictures showed when they were
looked at side by side.  With --all FOLDER [STEP] everything is listed, worst first, and what was compared stays there.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus")) / "files"
sys.path.insert(0, str(SOURCE / "tests/support"))
import likeness  # noqa: E402

ALIKE = 0.9
PAGES = 3
REBUILT = {".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".dotx", ".xltx", ".potx", ".odt", ".ods", ".odp", ".odg", ".ott"}
OLD = {".doc", ".xls", ".ppt", ".rtf"}


def files(endings, step):
    found = [path for path in sorted(CORPUS.rglob("*")) if path.suffix.lower() in endings and path.is_file()]
    return found[::step]


def gather(folder, paths):
    """Copies under numbers, so that no two meet; {copy: original}."""
    folder.mkdir()
    copies = {}
    for number, path in enumerate(paths):
        copy = folder / f"{number:04}{path.suffix.lower()}"
        shutil.copyfile(path, copy)
        copies[copy] = path
    return copies


def print_all(folder, paths, into):
    """By LibreOffice; one that stops it costs only those behind it in its turn."""
    into.mkdir()
    profile = folder / "profile"
    for at in range(0, len(paths), 12):
        subprocess.run(["timeout", "120", "soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to",
                        "pdf", "--outdir", into, *paths[at:at + 12]], capture_output=True)
    for path in paths:
        if not (into / f"{path.stem}.pdf").exists():
            subprocess.run(["timeout", "60", "soffice", f"-env:UserInstallation=file://{profile}", "--headless",
                            "--convert-to", "pdf", "--outdir", into, path], capture_output=True)


def sanitize(folder, into, *options):
    subprocess.run([BUILD / "gateway/cli/sekisho", "sanitize", folder, "-o", into, *options], capture_output=True)


def measure(folder, step):
    """(likeness, way, original, PDF before, PDF after)."""
    rebuilt = gather(folder / "new", files(REBUILT, step))
    old = gather(folder / "old", files(OLD, step))
    drawn = gather(folder / "pdf", files({".pdf"}, step * 4))
    sanitize(folder / "new", folder / "rebuilt")
    sanitize(folder / "old", folder / "rendered", "--office", "render")
    sanitize(folder / "pdf", folder / "redrawn")
    after = {copy: folder / "rebuilt" / copy.name for copy in rebuilt if (folder / "rebuilt" / copy.name).exists()}
    print_all(folder, list(after), folder / "new-before")
    print_all(folder, list(after.values()), folder / "new-after")
    rendered = {copy: folder / "rendered" / f"{copy.stem}.pdf" for copy in old}
    rendered = {copy: pdf for copy, pdf in rendered.items() if pdf.exists()}
    print_all(folder, list(rendered), folder / "old-before")
    pairs = [("rebuild", rebuilt[copy], folder / "new-before" / f"{copy.stem}.pdf", folder / "new-after" / f"{copy.stem}.pdf")
             for copy in after]
    pairs += [("render", old[copy], folder / "old-before" / f"{copy.stem}.pdf", pdf) for copy, pdf in rendered.items()]
    pairs += [("render", path, copy, folder / "redrawn" / copy.name) for copy, path in drawn.items()
              if (folder / "redrawn" / copy.name).exists()]
    pairs = [pair for pair in pairs if pair[2].exists()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for pair, alike in zip(pairs, pool.map(lambda pair: likeness.alike(pair[2], pair[3], PAGES), pairs)):
            yield alike, *pair


def main():
    for program in ("soffice", "pdftoppm"):
        if not shutil.which(program):
            print("no", program)
            return 77
    if not CORPUS.is_dir():
        print("no corpus at", CORPUS)
        return 77
    if sys.argv[1:2] == ["--all"]:
        folder = pathlib.Path(sys.argv[2])
        folder.mkdir()
        for alike, way, path, before, after in sorted(measure(folder, int(sys.argv[3]) if sys.argv[3:] else 1)):
            print(f"{alike:.3f}\t{way}\t{path.relative_to(CORPUS)}\t{before}\t{after}", flush=True)
        return 0
    least = {}
    for line in (HERE / "likeness.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            value, way, path, _ = line.split("\t")
            least[way, path] = float(value)
    failed = seen = 0
    with tempfile.TemporaryDirectory(prefix="sekisho-likeness.") as name:
        for alike, way, path, _, _ in measure(pathlib.Path(name), 5):
            seen += 1
            wanted = least.get((way, str(path.relative_to(CORPUS))), ALIKE)
            if alike < wanted:
                failed += 1
                print(f"FAILED {way} {path.relative_to(CORPUS)}: {alike:.3f} alike, not {wanted}")
    print(f"{seen} documents, {failed} failures")
    return 1 if failed or seen < 90 else 0


if __name__ == "__main__":
    sys.exit(main())
