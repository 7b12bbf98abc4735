#!/usr/bin/env python3
"""Looks at a mail that arrived and says, line by line, what of it is harmless.

    check_mail.py MAIL [--text]

The mail is what became of one from make_samples.py.  Prints "ok …" or "NOT …" a line and, where found, "receipt …";
the exit status is the number of NOT lines.  pdfinfo, pdfdetach and pdftoppm of poppler read the PDF; the
JPEG is walked by its markers here.  --text prints the text body only.
"""
import email
import email.policy
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_samples import SECRET, SUBJECT  # noqa: E402

ALLOWED = {"text/plain", "application/pdf", "image/jpeg", "image/png"}
DARK = 100  # below this a gray pixel belongs to a letter or a drawing
# JPEG markers an own picture may have: SOI and EOI aside, JFIF, tables, frames, scans
MARKERS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA}


class Findings:
    def __init__(self):
        self.bad = 0

    def say(self, good, text):
        self.bad += not good
        print(("ok " if good else "NOT ") + text)


def inflated(data):
    """The octets themselves and every zlib stream in them."""
    yield data
    for found in re.finditer(rb"stream\r?\n", data):
        try:
            yield zlib.decompressobj().decompress(data[found.end():], 50_000_000)
        except zlib.error:
            continue


def check_body(mail, text, findings):
    findings.say(mail["subject"] == SUBJECT, f"the Japanese subject arrived: {mail['subject']}")
    findings.say("説明会の資料をお送りします。" in text and "文化会館" in text, "the Japanese text arrived")
    html = re.search(r"<(script|img|html|body|p)\b", text, re.I)
    findings.say(html is None, "no HTML, no script, no remote image is left in the text")


def check_note(text, findings):
    receipt = re.search(r"(?:受付番号|[Rr]eceipt(?: number)?)[^A-Za-z0-9]{1,20}([A-Za-z0-9][A-Za-z0-9-]{5,31})", text)
    findings.say(receipt is not None, "the note gives a receipt number")
    for words, language in ((("取り除いた",), "Japanese"), (("Taken out",), "English")):
        findings.say(any(word in text for word in words), f"the note is there in {language}")
    for name in ("報告書.docm", "請求書.pdf"):
        findings.say(name in text, f"the note names {name}")
    if receipt:
        print("receipt", receipt.group(1))


def check_pdf(data, folder, findings):
    path = folder / "arrived.pdf"
    path.write_bytes(data)
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, timeout=20)
    findings.say(info.returncode == 0 and re.search(r"^Pages:\s+2$", info.stdout, re.M) is not None,
                 "the PDF opens and has its 2 pages")
    active = [word for word in (b"/JavaScript", b"/JS", b"/EmbeddedFile", b"/OpenAction", b"/AA", b"/Launch",
                                b"/URI") for plain in inflated(data) if word in plain]
    findings.say(not active, "the PDF has no script, action or embedded file"
                 + (f" (found {active})" if active else ""))
    drawn = subprocess.run(["pdftoppm", "-r", "40", "-gray", str(path), str(folder / "page")],
                           capture_output=True, timeout=30).returncode == 0
    pages = sorted(folder.glob("page*.pgm"))
    dark = [sum(value < DARK for value in page.read_bytes()[15:]) for page in pages]
    findings.say(drawn and len(dark) == 2 and min(dark) > 100, f"its pages are drawn (dark pixels: {dark})")


def jpeg_markers(data):
    """Marker numbers up to the first scan, then whatever follows EOI as None."""
    at, found = 2, []
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2:at + 4])[0]
        found.append(marker)
        at += 2 + length
        if marker == 0xDA:
            break
    if not data.startswith(b"\xff\xd8") or not data.endswith(b"\xff\xd9"):
        found.append(None)
    return found


def check_picture(kind, data, findings):
    if kind == "image/jpeg":
        odd = [marker for marker in jpeg_markers(data) if marker not in MARKERS]
        findings.say(not odd, "the picture is a JPEG without EXIF, GPS or comments")
    else:
        findings.say(b"eXIf" not in data and b"tEXt" not in data, "the picture is a PNG without metadata")


def check_secret(raw, parts, findings):
    places = [raw] + [plain for _, data in parts for plain in inflated(data)]
    findings.say(not any(SECRET.encode() in place for place in places),
                 "nothing active or hidden of the original is left, in no part")
    programs = [kind for kind, data in parts if data.startswith((b"MZ", b"PK", b"\xd0\xcf\x11\xe0"))]
    findings.say(not programs, "no program, no Office file with its macro")


def text_of(mail):
    return "\n".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain")


def check(raw, folder):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    findings = Findings()
    parts = [(part.get_content_type(), part.get_payload(decode=True) or b"") for part in mail.walk()
             if not part.is_multipart()]
    kinds = [kind for kind, _ in parts]
    findings.say(set(kinds) <= ALLOWED, f"only text, PDF and pictures arrived: {', '.join(kinds)}")
    text = text_of(mail)
    check_body(mail, text, findings)
    check_note(text, findings)
    for kind, wanted in (("application/pdf", 1), ("image/", 1)):
        found = [(name, data) for name, data in parts if name.startswith(kind)]
        findings.say(len(found) == wanted, f"{len(found)} {kind} part, {wanted} expected")
        for name, data in found:
            check_pdf(data, folder, findings) if "pdf" in name else check_picture(name, data, findings)
    check_secret(raw, parts, findings)
    return findings.bad


def main():
    path = next(argument for argument in sys.argv[1:] if not argument.startswith("--"))
    raw = pathlib.Path(path).read_bytes()
    if "--text" in sys.argv:
        print(text_of(email.message_from_bytes(raw, policy=email.policy.default)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return check(raw, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
