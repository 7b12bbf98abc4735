#!/usr/bin/env python3
"""The test string of virus scanners, planted where files can carry something along, is in no result (H3, H5): a real clamd that
knows the string wherever it stands finds it in every original and in nothing that came out.  A file that is the string itself is
a program and taken out."""
import base64
import io
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

SOURCE = pathlib.Path(os.environ.get("SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus")) / "files"
sys.path.insert(0, str(SOURCE / "tests/support"))
import make_samples  # noqa: E402

# Written so that no scanner takes this script for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"


def zipped(members, kind=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return file.getvalue()


def with_members(octets, more):
    """A zip with these beside its own."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return zipped({**{name: archive.read(name) for name in archive.namelist()}, **more})


def png(chunks=b"", behind=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) + chunk(b"tEXt", b"Comment\0" + chunks) +
            chunk(b"IDAT", zlib.compress((b"\0" + b"\x20\x60\xc0" * 8) * 8)) + chunk(b"IEND", b"") + behind)


def jpeg(comment):
    plain = make_samples.jpeg()
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:] + comment


def mail(header, body, attachments):
    text = (b"From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\n" + header +
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + EICAR + b"\r\n--b\r\n"
            b"Content-Type: text/html\r\n\r\n" + body + b"\r\n")
    for name, octets in attachments.items():
        text += (b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + name.encode() +
                 b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets).replace(b"\n", b"\r\n"))
    return text + b"--b--\r\n" + EICAR + b"\r\n"


def originals():
    office = CORPUS / "office"
    pdf = make_samples.pdf()
    files = {
        "alone.com": EICAR,
        "alone.txt": EICAR,
        "page.html": b"<html><!-- " + EICAR + b" --><body><p>hello<script>" + EICAR + b"</script></p></body></html>",
        "text.png": png(EICAR),
        "behind.png": png(b"", EICAR),
        "comment.jpg": jpeg(EICAR),
        "comment.gif": b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xfe" + bytes([len(EICAR)]) + EICAR + b"\0"
                       b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        "behind.pdf": pdf + EICAR,
        "embedded.pdf": pdf.replace(b"%%EOF", b"% " + EICAR + b"\n%%EOF"),
        "members.zip": zipped({"a.com": EICAR, "b.txt": b"hello\n", "c/d.png": png(EICAR)}, zipfile.ZIP_DEFLATED),
        "nested.zip": zipped({"inner.zip": zipped({"a.com": EICAR, "b.txt": b"hello\n"}), "b.txt": b"hello\n"}),
        "hidden.docx": with_members((office / "poi/document/sample.docx").read_bytes(),
                                    {"word/vbaProject.bin": EICAR, "word/embeddings/oleObject1.bin": EICAR, "customXml/item1.xml": EICAR,
                                     "word/media/image9.png": png(EICAR)}),
        "hidden.xlsx": with_members((CORPUS / "ja/takamatsu-city-opendata/data/bictcle_rental_port/data.xlsx").read_bytes(),
                                    {"xl/printerSettings/printerSettings1.bin": EICAR, "xl/vbaProject.bin": EICAR}),
        "hidden.pptx": with_members((office / "poi/slideshow/SampleShow.pptx").read_bytes(), {"ppt/media/media1.wav": EICAR}),
        "hidden.odt": with_members((office / "odftoolkit/test-input/sample_numbering_DOC_LO41.odt").read_bytes(),
                                   {"Basic/Standard/x.xml": EICAR, "Thumbnails/thumbnail.png": png(EICAR), "Object 1/content.xml": EICAR}),
    }
    files["all.eml"] = mail(b"X-Planted: " + EICAR + b"\r\nReceived: " + EICAR + b"\r\n",
                            b"<p>hello</p><!-- " + EICAR + b" --><style>" + EICAR + b"</style>",
                            {name: octets for name, octets in files.items()})
    return files


class Clamd:
    """With one signature; files over its socket (INSTREAM)."""

    def __init__(self, program, folder):
        (folder / "db").mkdir()
        (folder / "db/planted.ndb").write_text(f"Planted:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(f"LocalSocket {folder}/ctl\nDatabaseDirectory {folder}/db\nForeground yes\n"
                                           f"LogFile {folder}/log\nScanArchive yes\nScanMail yes\n")
        self.path = str(folder / "ctl")
        self.process = subprocess.Popen([program, "-c", folder / "clamd.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if os.path.exists(self.path):
                return
            time.sleep(0.05)
        raise SystemExit("clamd does not start: " + (folder / "log").read_text())

    def finds(self, octets):
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(60)
            stream.connect(self.path)
            stream.sendall(b"zINSTREAM\0" + struct.pack(">I", len(octets)) + octets + struct.pack(">I", 0))
            said = b""
            while not said.endswith(b"\0"):
                said += stream.recv(4096) or b"\0"
        if b"ERROR" in said:
            raise SystemExit(f"clamd: {said}")
        return b"FOUND" in said

    def stop(self):
        self.process.terminate()
        self.process.wait()


def main():
    program = shutil.which("clamd", path=os.environ["PATH"] + ":/usr/sbin")
    if not program or not CORPUS.is_dir():
        print("no clamd or no corpus")
        return 77
    failures = []
    with tempfile.TemporaryDirectory(prefix="sekisho-planted.") as name:
        folder = pathlib.Path(name)
        (folder / "in").mkdir()
        files = originals()
        for name, octets in files.items():
            (folder / "in" / name).write_bytes(octets)
        run = subprocess.run([BUILD / "gateway/cli/sekisho", "sanitize", folder / "in", "-o", folder / "out", "--rules",
                              SOURCE / "tests/corpus/everything.rules", "--report", folder / "report.json"],
                             capture_output=True, text=True)
        clamd = Clamd(program, folder)
        try:
            failures += [f"clamd does not see it in {name}" for name, octets in files.items()
                         if not clamd.finds(octets) and name != "page.html"]  # pages it reads in a way of its own
            results = sorted(path for path in (folder / "out").iterdir() if path.is_file())
            for path in results:
                octets = path.read_bytes()
                if clamd.finds(octets) or EICAR in octets:
                    failures.append(f"it is in {path.name}")
        finally:
            clamd.stop()
        came = {path.name for path in results}
        gone = {"alone.com", "alone.com.txt", "alone.txt"} & came
        if gone:
            failures.append(f"{gone} came out")
        for wanted in ("all.eml", "text.png", "hidden.docx", "hidden.xlsx", "hidden.pptx", "hidden.odt", "members.zip", "behind.pdf"):
            if wanted not in came:
                failures.append(f"nothing came of {wanted}: {re.findall('.*' + wanted + '.*', run.stdout)}")
    for failure in failures:
        print("FAILED", failure)
    print(f"planted in {len(files)} files, {len(results)} results, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
