"""Certificates made for a test: an authority of its own, and servers that it vouches for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.servers import THROWAWAY, MariaDB

_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_LASTS = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Authority:
    """``file`` is its own certificate, which clients trust."""

    file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def vouch_for(self, host: str) -> tuple[Path, Path]:
        """Files of a server's certificate for ``host`` and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            _begun(host, self.certificate.subject, key)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        certificate = self.file.with_name(f"{self.file.stem}-{host}.crt")
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret = certificate.with_suffix(".key")
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret


def authority(directory: Path, name: str) -> Authority:
    """A new one; its file is ``<directory>/<name>.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        _begun(name, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(file, key, made)


@contextmanager
def encrypted_server(vouching: Authority, directory: Path) -> Iterator[MariaDB]:
    """A MariaDB of its own that shows a certificate for ``localhost``."""
    certificate, key = vouching.vouch_for("localhost")
    told = (f"--ssl-ca={vouching.file}", f"--ssl-cert={certificate}", f"--ssl-key={key}")
    with MariaDB(directory, extra=(*THROWAWAY, *told)) as running:
        yield running


def _begun(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGAN)
        .not_valid_after(_BEGAN + _LASTS)
    )
