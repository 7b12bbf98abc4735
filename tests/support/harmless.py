"""What other people's programs say of files that came out: nothing in them acts, calls out, tells of anybody or is not what it
says.  By what a file is: PDF (as pdfid looks, qpdf), Office documents (as olevba looks: macros, relationships, fields, formulas;
xmllint), pictures (ExifTool), zips and mails (what is in them, in turn), texts.  Shares no code with the product.

    harmless.py FILE…      what is wrong with these, a line each
"""
import collections
import concurrent.futures
import email
import email.policy
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.parsers.expat
import zipfile
import zlib

# What pdfid counts, and more: names that act, hide or call out.
ACTIVE = {"JS", "JavaScript", "AA", "OpenAction", "AcroForm", "JBIG2Decode", "RichMedia", "Launch", "EmbeddedFile",
          "EmbeddedFiles", "XFA", "URI", "Annots", "Annot", "SubmitForm", "GoToR", "GoToE", "ObjStm", "XRef", "Encrypt",
          "Metadata", "Info", "Names", "Outlines", "OCProperties", "StructTreeRoot", "AF", "Sound", "Movie", "3D"}

# ExifTool's own words about a file and how it is stored, not what somebody wrote into it.
STORED = ("SourceFile", "File:", "Composite:", "ExifTool:", "GIF:", "JFIF:", "PNG:", "PDF:PDFVersion", "PDF:Linearized",
          "PDF:PageCount", "EXIF:BitsPerSample", "EXIF:Compression", "EXIF:ExtraSamples", "EXIF:Image", "EXIF:Photometric",
          "EXIF:Planar", "EXIF:Predictor", "EXIF:Resolution", "EXIF:RowsPerStrip", "EXIF:SamplesPerPixel", "EXIF:Strip",
          "EXIF:XRes", "EXIF:YRes", "EXIF:YCbCr", "EXIF:PreviewImage", "EXIF:Orientation", "EXIF:PageNumber",
          "EXIF:SubfileType", "EXIF:FillOrder", "EXIF:T4Options", "EXIF:T6Options")

# Where a part of an Office package does something or brings something along.
PARTS = re.compile(r"vba|macro|activex|embeddings|oleobject|\.bin$|customxml|externallink|printersettings|connections|"
                   r"querytable|pivotcache|webextension|ctrlprops|control|attachedtoolbar|usercustomization|ddelink|"
                   r"basic/|scripts/|object[ \d]|configurations|thumbnail|\.(exe|dll|js|vbs|jar|rtf|html?)$", re.I)
RELATIONS = re.compile(r"oleobject|package$|vbaproject|attachedtemplate|externallink|hyperlink|subdocument|frame$|control|"
                       r"activex|afchunk|customxml|mailmerge|printersettings|pivotcache|connections|querytable|xmlmaps|"
                       r"wordvba|video|audio|media$|ctrlprop|webextension|font$", re.I)
ELEMENTS = re.compile(r"(^|:)(altChunk|attachedTemplate|mailMerge|OLEObject|objectEmbed|objectLink|control|controls|"
                      r"oleObjects?|oleObj|externalReferences|ddeLink|dataBinding|hlinkClick|audioFile|videoFile|"
                      r"externalData|script|scripts|event-listeners?|execute-macro|dde-source|dde-connection|applet|plugin|"
                      r"floating-frame|binary-data|object-ole|database-\w+|section-source|webPublishing\w*)$")
FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDE\w*|LINK|IMPORT|MACROBUTTON|EMBED|DATABASE|GOTOBUTTON|PRINT|FILENAME|RD)\b")
CALLS = re.compile(r"\b(WEBSERVICE|HYPERLINK|CALL|REGISTER(\.ID)?|EXEC|RTD|DDE|FILTERXML|EVALUATE|CUBE\w+|IMAGE|FOPEN|"
                   r"SQL\.REQUEST)\s*\(|\|", re.I)
SCHEMES = re.compile(r"^\s*([a-z][a-z0-9+.-]*:|//|\\\\)", re.I)

# What a browser would act on in a text that it takes for a page; a declaration of XML only makes it one where it stands first.
MARKUP = re.compile(r"^\s*<\?|<([!]|\?(?!xml\s)|/?(script|iframe|frame|frameset|object|embed|applet|svg|math|html|body|meta|link|style|form|base|"
                    r"img|video|xml|xsl)(?![^\s/><:]))|(java|vb|live)script:", re.I)
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
FIELD_NAMES = {"from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
               "auto-submitted", "precedence", "x-auto-response-suppress", "list-id",
               "x-sekisho-receipt", "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
               "authentication-results"}


def pdf_names(pdf):
    """Every name outside pictures, with what the packed contents hold."""
    names = set()
    for head, body in re.findall(rb"(.*?)(?:stream\n(.*?)\nendstream|\Z)", pdf, re.S):
        texts = [head]
        if body and b"/XObject/Subtype/Image" not in head[-400:] and b"/FlateDecode" in head[-60:]:
            texts.append(zlib.decompress(body))
        for text in texts:
            for name in re.findall(rb"/([^\s/<>\[\](){}%]+)", text):
                names.add(re.sub(rb"#([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), name).decode("latin-1"))
    return names


def look_at_pdf(octets):
    found = pdf_names(octets) & ACTIVE
    return [f"active names {sorted(found)}"] if found else []


class Xml:
    """One part: what its elements, attributes and texts say, by a third reader (expat)."""

    def __init__(self, octets):
        self.wrong, self.text, self.inside = [], "", []
        parser = xml.parsers.expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.document_type
        parser.ProcessingInstructionHandler = lambda target, _: self.wrong.append(f"an instruction <?{target}")
        try:
            parser.Parse(octets, True)
        except xml.parsers.expat.ExpatError as error:
            self.wrong.append(f"expat: {error}")

    def document_type(self, *_):
        raise xml.parsers.expat.ExpatError("a document type")  # and what it may blow up is not read

    def start(self, name, attributes):
        self.inside.append(name)
        self.text = ""
        if ELEMENTS.search(name):
            self.wrong.append(f"<{name}>")
        if name == "Relationship":
            if attributes.get("TargetMode") or SCHEMES.match(attributes.get("Target", "")):
                self.wrong.append(f"a relationship to {attributes.get('Target')}")
            if RELATIONS.search(attributes.get("Type", "").rsplit("/", 1)[-1]):
                self.wrong.append(f"a relationship of type {attributes['Type']}")
        for key, value in attributes.items():
            if key.startswith("xmlns") or key in ("Type", "ContentType", "uri"):
                continue
            if key.rsplit(":", 1)[-1] in ("href", "link", "location", "src", "target", "Target") and SCHEMES.match(value):
                self.wrong.append(f"{key}={value!r}")
            if key == "w:instr" and FIELDS.search(value):
                self.wrong.append(f"a field {value!r}")
            if key == "table:formula" and CALLS.search(re.sub(r'"[^"]*"|\{[^}]*\}', "", value)):
                self.wrong.append(f"a formula {value!r}")
            if key == "ContentType" and re.search(r"macroEnabled|oleObject|vba|activeX", value, re.I):
                self.wrong.append(f"content type {value}")

    def characters(self, text):
        self.text += text

    def end(self, name):
        self.inside.pop()
        if name in ("w:instrText", "w:delInstrText") and FIELDS.search(self.text):
            self.wrong.append(f"a field {self.text!r}")
        if name in ("f", "formula", "formula1", "formula2", "definedName", "c:f") and \
                CALLS.search(re.sub(r'"[^"]*"', "", self.text)):
            self.wrong.append(f"a formula {self.text!r}")
        self.text = ""


def is_chart(name, octets):
    """The one kind of object inside an ODF document that stays."""
    if not re.fullmatch(r"Object \d+/content\.xml", name):
        return False
    body = re.search(rb"<office:body>\s*<([\w:]+)", octets)
    return body is not None and body[1] == b"office:chart" and octets.count(b"<office:body>") == 1


def look_at_document(archive, tools):
    """As olevba and oleid look into OOXML, and the same for ODF."""
    wrong = []
    for name in archive.namelist():
        octets = archive.read(name)
        if PARTS.search(name) and not is_chart(name, octets):
            wrong.append(f"a part {name}")
        if name.endswith((".xml", ".rels")):
            wrong += [f"{name}: {what}" for what in Xml(octets).wrong]
            if tools.xmllint:
                checked = subprocess.run(["xmllint", "--noout", "--nonet", "--huge", "-"], input=octets, capture_output=True)
                if checked.returncode != 0:
                    wrong.append(f"{name}: xmllint: {checked.stderr[-200:].decode('utf-8', 'replace')}")
        elif name != "mimetype":
            wrong += [f"{name}: {what}" for what in look_inside(octets, tools)]
    return wrong


def look_at_zip(octets, tools):
    archive = zipfile.ZipFile(io.BytesIO(octets))
    if archive.testzip() or archive.comment:
        return ["a zip that is not whole, or has a comment"]
    names = archive.namelist()
    if "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        return look_at_document(archive, tools)
    wrong = []
    for member in archive.infolist():
        name = member.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name or "\\" in name:
            wrong.append(f"a name {name!r}")
        if member.external_attr >> 28 == 0xa:
            wrong.append(f"a link {name!r}")
        if not name.endswith("/"):
            wrong += [f"{name}: {what}" for what in look_inside(archive.read(member), tools)]
    return wrong


def look_at_mail(octets, tools):
    mail = email.message_from_bytes(octets, policy=email.policy.compat32)
    wrong = [f"a field {name}" for name in mail.keys() if name.lower() not in FIELD_NAMES]
    for part in mail.walk():
        if part.defects:
            wrong.append(f"defects {part.defects}")
        if part.is_multipart():
            if part.get_content_type() != "multipart/mixed":
                wrong.append(part.get_content_type())
            continue
        content = part.get_payload(decode=True) or b""
        if part.get_content_charset() == "iso-2022-jp":
            content = content.decode("iso-2022-jp-ext", "replace").encode()
        wrong += look_inside(content, tools)
    return wrong


def look_at_text(octets):
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"not UTF-8: {error}"]
    wrong = []
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text.replace("\r\n", "\n")):
        wrong.append("a control character")
    if BIDI.search(text.removeprefix("\ufeff")):
        wrong.append("an invisible or turning character")
    if markup := MARKUP.search(text):
        wrong.append(f"markup {text[markup.start():markup.start() + 30]!r}")
    return wrong


def is_mail(octets):
    return octets.startswith(b"From: ") and b"\r\nX-Sekisho-Receipt: " in octets[:20000]


def is_picture_or_pdf(octets):
    return octets.startswith((b"%PDF-", b"\xff\xd8", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*"))


def look_at(octets, tools):
    """What is wrong with these octets; pictures and the outsides of PDFs are the other programs' business."""
    if octets.startswith(b"%PDF-"):
        return look_at_pdf(octets)
    if is_picture_or_pdf(octets):
        return []
    if octets.startswith(b"PK"):
        return look_at_zip(octets, tools)
    return look_at_mail(octets, tools) if is_mail(octets) else look_at_text(octets)


def look_inside(octets, tools):
    """Of what was in something else: pictures and PDFs are kept for the programs that read files."""
    if is_picture_or_pdf(octets) and tools.folder:
        handle, _ = tempfile.mkstemp(dir=tools.folder)
        with open(handle, "wb") as file:
            file.write(octets)
    return look_at(octets, tools)


def with_exiftool(paths):
    """{path: tags that say more than how the picture or page is stored}."""
    said = subprocess.run(["exiftool", "-json", "-G", "-q", "-q", "-@", "-"], input="".join(f"{path}\n" for path in paths),
                          capture_output=True, text=True).stdout
    found = {}
    for tags in json.loads(said or "[]"):
        more = sorted(tag for tag in tags if not tag.startswith(STORED))
        if tags.get("File:FileType") not in ("PDF", "JPEG", "PNG", "GIF", "TIFF") or more:
            found[tags["SourceFile"]] = [f"exiftool: {tags.get('File:FileType')} {more}"]
    return found


def with_qpdf(path):
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
    return [] if checked.returncode == 0 else [f"qpdf: {checked.stdout[-300:]}{checked.stderr[-300:]}"]


def with_programs(paths):
    """Pictures and PDFs, by those who read nothing else."""
    heads = {}
    for path in paths:
        with open(path, "rb") as file:
            heads[path] = file.read(8)
    readable = [path for path, head in heads.items() if is_picture_or_pdf(head)]
    found = collections.defaultdict(list)
    if shutil.which("exiftool") and readable:
        for path, what in with_exiftool(readable).items():
            found[path] += what
    if shutil.which("qpdf"):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            pdfs = [path for path in readable if heads[path].startswith(b"%PDF-")]
            for path, what in zip(pdfs, pool.map(with_qpdf, pdfs)):
                found[path] += what
    return {path: what for path, what in found.items() if what}


class Tools:
    def __init__(self, folder, xmllint):
        self.folder, self.xmllint = folder, xmllint and shutil.which("xmllint")


def look_at_file(path, folder, xmllint):
    with open(path, "rb") as file:
        octets = file.read()
    try:
        return path, look_at(octets, Tools(folder, xmllint))
    except Exception as error:  # what cannot be read is not sound
        return path, [f"{type(error).__name__}: {error}"]


def look_at_files(paths, xmllint=True):
    """{path: what is wrong}, of those with which something is."""
    paths = [str(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="sekisho-harmless.") as folder, \
            concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        each = pool.map(look_at_file, paths, [folder] * len(paths), [xmllint] * len(paths), chunksize=16)
        found = {path: wrong for path, wrong in each if wrong}
        inner = [os.path.join(folder, name) for name in os.listdir(folder)]
        for path, what in with_programs(paths + inner).items():
            found.setdefault(path, []).extend(what)
    return found


if __name__ == "__main__":
    for bad, what in look_at_files(sys.argv[1:]).items():
        print(bad, *what, sep="\n  ")
