"""Certificates for tests, by the openssl command: an issuer of one's own, and what it signs."""
import pathlib
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """PATH.crt and PATH.key."""

    def __init__(self, path):
        self.path = path
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                "-keyout", f"{path}.key", "-out", f"{path}.crt", "-subj", "/CN=Test issuer",
                "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=keyCertSign")

    def issue(self, name, path, days=30):
        """PATH.crt and PATH.key for a host, as server and as client; the key is its owner's alone."""
        request, words = f"{path}.csr", pathlib.Path(f"{path}.ext")
        words.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{path}.key",
                "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", f"{self.path}.crt", "-CAkey", f"{self.path}.key", "-days", str(days),
                "-out", f"{path}.crt", "-extfile", str(words), "-CAcreateserial")
        pathlib.Path(f"{path}.key").chmod(0o600)
