"""How much two documents look alike: drawn by another engine (poppler, LibreOffice), compared by structural similarity, the mean
over blocks of 8 x 8 pixels."""
import subprocess

DPI = 36


def pictures(pdf, pages=1, dpi=DPI):
    """(width, rows in gray) of the first pages; none where poppler draws nothing."""
    drawn = subprocess.run(["pdftoppm", "-q", "-r", str(dpi), "-gray", "-f", "1", "-l", str(pages), pdf],
                           capture_output=True).stdout
    found = []
    while drawn.startswith(b"P5"):
        head = drawn.split(b"\n", 3)
        width, height = map(int, head[1].split())
        pixels = head[3]
        found.append((width, [pixels[y * width:(y + 1) * width] for y in range(height)]))
        drawn = pixels[width * height:]
    return found


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
            count += 1
            if a == b:
                total += 1
                continue
            ma, mb = sum(a) / n, sum(b) / n
            va, vb = sum(p * p for p in a) / n - ma * ma, sum(p * p for p in b) / n - mb * mb
            cov = sum(p * q for p, q in zip(a, b)) / n - ma * mb
            total += ((2 * ma * mb + 6.5) * (2 * cov + 58.5)) / ((ma * ma + mb * mb + 6.5) * (va + vb + 58.5))
    return total / count if count else 0.0


def alike(one, other, pages=1):
    """Of the first pages the least alike; a page that only one of them has counts as 0."""
    a, b = pictures(one, pages), pictures(other, pages)
    if not a or len(a) != len(b):
        return 0.0
    return min(similarity(p, q) for p, q in zip(a, b))
