"""A certificate for this machine alone, for an emulator that holds callers to their permissions."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM. Whoever is to trust it names `path` in AWS_CA_BUNDLE."""

    path: Path
    key: Path

    @property
    def trusted(self) -> dict[str, str]:
        """Variables by which boto3 and urllib of another process trust it."""
        return {"AWS_CA_BUNDLE": str(self.path), "SSL_CERT_FILE": str(self.path)}


def made_in(folder: Path) -> Certificate:
    """A new one for 127.0.0.1, its key readable by nobody else."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "askbucket on this machine")])
    here = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made
