#!/usr/bin/env python3
"""The pictures of the corpus, seen with other eyes before and after (H3): ImageMagick draws both sides, ExifTool looks
for metadata in what came out.  What was coded without loss must be the same to the pixel."""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("BUILD", SOURCE / "build"))
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS", SOURCE / "../shared/corpus")) / "files/images"

# Where the two sides may differ, and why.
OTHERWISE = {
    "issue_1455_undersized.gif": "ImageMagick paints the canvas in a colour, others leave it open",
    "oob.gif": "ImageMagick makes the canvas larger than any frame",
    "issue_1455_oversized.gif": "the same",
    "cmyk_u8_trunc_case.tif": "rounding of inks",
    "rgb24prof2.bmp": "its colour profile is applied",
    "rgb24prof.bmp": "the same",
}
# Bit fields that are no whole octets ImageMagick scales with an error of up to a sixteenth, and it does not read the
# alpha of all headers.
UNSURE = ("V3_", "V4_R5", "V5_A1", "rgb16", "rgba16", "rgb32-", "rgba32-")
# Refused on purpose: what is missing or wrong in them.
REFUSED = {
    "imagemagick_invalid_run_length_issue_2321.bmp": "malformed", "badpalettesize.bmp": "malformed",
    "badrle.bmp": "malformed", "rle_overflow.bmp": "malformed", "rletopdown.bmp": "variant",
    "pal8badindex.bmp": "malformed", "pal8os2sp.bmp": "malformed", "rgb24rle24.bmp": "variant",
    "rgb32f_bw.tiff": "variant", "rgb32f_color.tiff": "variant",
}
# Tags of a file that say how it is stored, not what somebody wrote into it.
STORED = ("File:", "Composite:", "ExifTool:", "GIF:", "JFIF:", "PNG:", "EXIF:BitsPerSample", "EXIF:Compression",
          "EXIF:ExtraSamples", "EXIF:Image", "EXIF:Photometric", "EXIF:Planar", "EXIF:Predictor", "EXIF:Resolution",
          "EXIF:RowsPerStrip", "EXIF:SamplesPerPixel", "EXIF:Strip", "EXIF:XRes", "EXIF:YRes", "EXIF:YCbCr",
          "EXIF:PreviewImage", "SourceFile")


def pixels(path):
    return subprocess.run(["convert", path, "-coalesce", "-depth", "8", "rgba:-"], capture_output=True).stdout


def timing(path):
    return subprocess.run(["convert", path, "-format", "%wx%h %T\n", "info:"], capture_output=True).stdout


def differ(before, after):
    """Whether a pixel that one can see is another."""
    if len(before) != len(after):
        return True
    return before != after and any(before[i:i + 4] != after[i:i + 4] and (before[i + 3] or after[i + 3])
                                   for i in range(0, len(before), 4))


def rebuild(folder, files):
    done = subprocess.run([BUILD / "tests/hostile/rebuild-files", folder, *files], capture_output=True, text=True)
    assert done.returncode == 0, f"a result that is not verified: {done.stdout}{done.stderr}"
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(folder, troubles):
    files = [path for kind in ("gif", "bmp", "tiff", "webp/lossless_images")
             for path in sorted((CORPUS / "image-rs" / kind).rglob("*")) if path.is_file()]
    compared = 0
    for name, output, reason in rebuild(folder, files):
        base = os.path.basename(name)
        if reason != REFUSED.get(base, ""):
            troubles.append(f"{base}: {reason or 'clean'}, not {REFUSED.get(base, 'clean')}")
        if output == "-" or base in OTHERWISE or base.startswith(UNSURE) or "jpeg" in base:
            continue
        before = pixels(name)
        if not before:  # more than ImageMagick reads
            continue
        compared += 1
        if differ(before, pixels(folder / output)):
            troubles.append(f"{base}: other pixels")
        if base.endswith(".gif") and timing(name).split()[1::2] != timing(folder / output).split()[1::2]:
            troubles.append(f"{base}: other delays")
    return compared


def upright(folder, troubles):
    """exif-orientation: all landscapes look the same when drawn right."""
    files = sorted((CORPUS / "exif-orientation").glob("Landscape_*.jpg"))
    outputs = [folder / output for _, output, _ in rebuild(folder, files)]
    small = [subprocess.run(["convert", output, "-resize", "60x40!", "-depth", "8", "rgb:-"], capture_output=True).stdout
             for output in outputs]
    for other, pixels_of in zip(files[1:], small[1:]):  # a number is written on each
        apart = sum(abs(a - b) for a, b in zip(small[0], pixels_of)) / len(small[0])
        if apart > 8:
            troubles.append(f"{other.name}: {apart:.1f} steps from {files[0].name}: drawn otherwise")


def quarters(folder, troubles):
    """Pictures of four quarters as phones and cameras write them: which colour is where (clockwise from the upper left)."""
    kept = SOURCE / "tests/fuzz/corpus/image"
    straight = ("red", "lime", "white", "blue")
    wanted = {"small.heic": straight, "small.avif": straight,
              "turned.heic": straight[1:] + straight[:1],  # a quarter anticlockwise
              "mirrored.heic": straight[::-1]}             # upside down
    colours = {"red": (255, 0, 0), "lime": (0, 255, 0), "white": (255, 255, 255), "blue": (0, 0, 255)}
    for name, output, reason in rebuild(folder, [kept / name for name in wanted]):
        if reason:
            troubles.append(f"{name}: {reason}")
            continue
        octets = subprocess.run(["convert", folder / output, "-scale", "2x2!", "-depth", "8", "rgb:-"],
                                capture_output=True).stdout
        seen = [octets[i:i + 3] for i in (0, 3, 9, 6)]
        for colour, pixel in zip(wanted[os.path.basename(name)], seen):
            if max(abs(a - b) for a, b in zip(colours[colour], pixel)) > 30:
                troubles.append(f"{name}: {tuple(pixel)} where {colour} should be")


def metadata(folder, troubles):
    said = subprocess.run(["exiftool", "-r", "-q", "-q", "-G", "-s", "-args", folder], capture_output=True, text=True).stdout
    for line in said.splitlines():
        if line.startswith("-") and not line[1:].startswith(STORED):
            troubles.append(f"metadata: {line}")


def main():
    if not CORPUS.is_dir():
        print(f"no corpus at {CORPUS}")
        return 77
    for tool in ("convert", "exiftool"):
        if subprocess.run(["which", tool], capture_output=True).returncode != 0:
            print(f"{tool} is not installed")
            return 77
    troubles = []
    with tempfile.TemporaryDirectory(prefix="sekisho-pictures.") as name:
        folder = pathlib.Path(name)
        for part in ("lossless", "upright", "quarters"):
            (folder / part).mkdir()
        compared = compare(folder / "lossless", troubles)
        upright(folder / "upright", troubles)
        quarters(folder / "quarters", troubles)
        metadata(folder, troubles)
    for trouble in troubles:
        print(trouble)
    print(f"{compared} pictures are the same to the pixel" if not troubles else f"{len(troubles)} differences")
    return 1 if troubles or compared < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
