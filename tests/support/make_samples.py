#!/usr/bin/env python3
"""Writes sample files and mails for the quickstart, tests and benches; the standard library only.

    make_samples.py FOLDER

Every file carries what must not survive, and in it the word SECRET to look for afterwards:
notice.pdf (JavaScript, an embedded file), photo.jpg (GPS position), report.docm (a macro), invoice.pdf
(a Windows program by content).  The mails mail-utf-8.eml and mail-iso-2022-jp.eml carry all four, with a plain
and an HTML body (script, remote image, tracking pixel).
"""
import base64
import io
import pathlib
import struct
import sys
import zipfile
import zlib

SECRET = "ACTIVE-ORIGINAL-5e10"  # in every active or hidden part
SUBJECT = "令和8年度 町民説明会のご案内"
TEXT = ("見本町役場 御中\r\n\r\n説明会の資料をお送りします。ご確認をお願いいたします。\r\n"
        "日時: 令和8年12月1日 10時\r\n場所: 文化会館 大ホール\r\n\r\n株式会社サンプル 山田\r\n")
HTML = f"""<html><head><style>p {{ color: navy }}</style></head><body>
<p>見本町役場 御中</p><p>説明会の資料をお送りします。<b>ご確認</b>をお願いいたします。</p>
<script>alert("{SECRET}")</script>
<img src="https://images.example.com/logo-{SECRET}.png" alt="ロゴ">
<img src="https://track.example.com/open?id={SECRET}" width="1" height="1">
</body></html>
"""


def pdf():
    """Two pages of text, JavaScript when opened, and an embedded file."""
    embedded = zlib.compress(f"MZ {SECRET} embedded".encode())
    pages = [b"BT /F1 28 Tf 72 720 Td (Town meeting %d) Tj 0 -60 Td /F2 24 Tf <%s> Tj ET "
             b"0.2 0.4 0.7 rg 72 500 300 60 re f" % (number, japanese.encode("utf-16-be").hex().encode())
             for number, japanese in ((1, "町民説明会"), (2, "次第と会場"))]
    script = f'app.alert("{SECRET}"); this.submitForm("https://example.com/");'
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 8 0 R /Names << /EmbeddedFiles << /Names "
        b"[(macro.exe) 9 0 R] >> /JavaScript << /Names [(start) 8 0 R] >> >> >>",
        b"<< /Type /Pages /Count 2 /Kids [3 0 R 5 0 R] >>",
        page(4), stream(pages[0]), page(6), stream(pages[1]),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /S /JavaScript /JS (" + script.replace("(", "\\(").replace(")", "\\)").encode() + b") >>",
        b"<< /Type /Filespec /F (macro.exe) /UF (macro.exe) /EF << /F 10 0 R >> >>",
        stream(embedded, b"/Type /EmbeddedFile /Filter /FlateDecode "),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H "
        b"/DescendantFonts [12 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry "
        b"(Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 13 0 R >>",
        b"<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /FontBBox [-123 -257 1001 910] "
        b"/ItalicAngle 0 /Ascent 709 /Descent -241 /CapHeight 709 /StemV 69 >>",
    ]
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def page(contents):
    return (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 7 0 R /F2 11 0 R >> >> >>" % contents)


def stream(data, extra=b""):
    return b"<< " + extra + b"/Length %d >>\nstream\n" % len(data) + data + b"\nendstream"


# JPEG: the DC code table of ITU-T T.81 Annex K.3.1, an AC table that knows only end-of-block, and a
# quantiser of 1: enough for a picture of flat 8×8 squares.
DC_LENGTHS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
DC_CODES = {0: "00", 1: "010", 2: "011", 3: "100", 4: "101", 5: "110", 6: "1110", 7: "11110",
            8: "111110", 9: "1111110", 10: "11111110", 11: "111111110"}


def jpeg_scan(columns, rows):
    """Squares from dark to light; each level is 8 × (value − 128) for the DC term."""
    bits, last = [], 0
    for row in range(rows):
        for column in range(columns):
            level = 8 * ((row * 37 + column * 23) % 200 - 100)
            difference, last = level - last, level
            size = abs(difference).bit_length()
            bits.append(DC_CODES[size])
            if size:
                value = difference if difference > 0 else difference + (1 << size) - 1
                bits.append(format(value, f"0{size}b"))
            bits.append("0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")


def exif_gps():
    """A TIFF header with one GPS directory: 34°49'58"N 134°34'24"E, and a comment."""
    def entry(tag, kind, count, value):
        return struct.pack(">HHI4s", tag, kind, count, value)

    comment = f"{SECRET} taken by Yamada\0".encode()
    comment_at = 8 + 2 + 2 * 12 + 4
    gps_at = comment_at + len(comment) + len(comment) % 2
    latitude_at = gps_at + 2 + 4 * 12 + 4
    main = struct.pack(">H", 2) + entry(0x010E, 2, len(comment), struct.pack(">I", comment_at)) + \
        entry(0x8825, 4, 1, struct.pack(">I", gps_at)) + bytes(4)
    gps = struct.pack(">H", 4) + entry(1, 2, 2, b"N\0\0\0") + \
        entry(2, 5, 3, struct.pack(">I", latitude_at)) + entry(3, 2, 2, b"E\0\0\0") + \
        entry(4, 5, 3, struct.pack(">I", latitude_at + 24)) + bytes(4)
    position = struct.pack(">12I", 34, 1, 49, 1, 58, 1, 134, 1, 34, 1, 24, 1)
    tiff = b"MM\0*" + struct.pack(">I", 8) + main + comment + bytes(len(comment) % 2) + gps + position
    return b"Exif\0\0" + tiff


def jpeg(columns=20, rows=15):
    def segment(marker, body):
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    frame = struct.pack(">BHHBBBB", 8, rows * 8, columns * 8, 1, 1, 0x11, 0)
    return (b"\xff\xd8" + segment(0xE1, exif_gps()) + segment(0xFE, f"{SECRET} comment".encode()) +
            segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC0, frame) +
            segment(0xC4, b"\x00" + DC_LENGTHS + bytes(range(12))) +
            segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0") +
            segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + jpeg_scan(columns, rows) + b"\xff\xd9")


def docm():
    word = "application/vnd.ms-word.document.macroEnabled.main+xml"
    office = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml":
            f'<?xml version="1.0"?><Types xmlns="{office}/package/2006/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
            f'<Override PartName="/word/document.xml" ContentType="{word}"/></Types>',
        "_rels/.rels":
            f'<?xml version="1.0"?><Relationships xmlns="{office}/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{office}/officeDocument/2006/relationships/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        "word/document.xml":
            f'<?xml version="1.0"?><w:document xmlns:w="{office}/wordprocessingml/2006/main"><w:body>'
            "<w:p><w:r><w:t>報告書</w:t></w:r></w:p></w:body></w:document>",
        "word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + f"Sub AutoOpen {SECRET}".encode() * 40,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 4, 1, 9, 0, 0)), body)
    return buffer.getvalue()


def program():
    """Not a program that runs: the headers of one, which is what a detector looks at."""
    header = bytearray(b"MZ" + bytes(62))
    header[60:64] = struct.pack("<I", 128)
    stub = b"\x0e\x1f\xba\x0e\0\xb4\x09\xcd\x21\xb8\x01\x4c\xcd\x21This program cannot be run in DOS mode.\r\n$"
    return bytes(header) + stub.ljust(64, b"\0") + b"PE\0\0\x64\x86" + bytes(18) + SECRET.encode() * 30


FILES = {"notice.pdf": pdf, "photo.jpg": jpeg, "report.docm": docm, "invoice.pdf": program}
TYPES = {"notice.pdf": "application/pdf", "photo.jpg": "image/jpeg", "invoice.pdf": "application/pdf",
         "report.docm": "application/vnd.ms-word.document.macroEnabled.12"}
NAMES = {"notice.pdf": "説明会資料.pdf", "photo.jpg": "会場写真.jpg", "report.docm": "報告書.docm",
         "invoice.pdf": "請求書.pdf"}


def encoded_word(text, charset):
    """RFC 2047, in pieces of whole characters below 75 octets."""
    pieces = [text[at:at + 8] for at in range(0, len(text), 8)]
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(piece.encode(charset)).decode()}?="
                        for piece in pieces)


def lines(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def text_part(kind, text, charset):
    seven_bit = charset.lower() == "iso-2022-jp"
    body = text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset)
    return (f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: "
            f"{'7bit' if seven_bit else 'base64'}\r\n\r\n").encode() + (body if seven_bit else lines(body))


def multipart(kind, boundary, parts):
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts) + \
        b"--%s--\r\n" % boundary.encode()


def attachment(file, data, charset):
    name = encoded_word(NAMES[file], charset)
    return (f'Content-Type: {TYPES[file]};\r\n name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment;\r\n filename="{name}"\r\n\r\n').encode() + lines(data)


def mail(charset, files=tuple(FILES), identifier="sample"):
    head = "\r\n".join([
        f"From: {encoded_word('山田 太郎', charset)} <yamada@supplier.example.com>",
        f"To: {encoded_word('総務課', charset)} <soumu@town.example.lg.jp>",
        f"Subject: {encoded_word(SUBJECT, charset)}",
        "Date: Fri, 20 Nov 2026 10:00:00 +0900",
        f"Message-ID: <{identifier}-{charset.lower()}@supplier.example.com>",
        f"X-Tracking: {SECRET}", "MIME-Version: 1.0", ""]).encode()
    body = multipart("alternative", "=_text", [text_part("plain", TEXT, charset),
                                               text_part("html", HTML, charset)])
    parts = [body] + [attachment(file, FILES[file](), charset) for file in files]
    return head + multipart("mixed", "=_mail", parts)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(make())
    for charset in ("UTF-8", "ISO-2022-JP"):
        (folder / f"mail-{charset.lower()}.eml").write_bytes(mail(charset))


if __name__ == "__main__":
    main()
