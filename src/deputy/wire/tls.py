"""Transport security between planes: a certificate of one's own, and trust in exactly one.

Owns how a listening plane's certificate is made and what both sides demand of a connection. The
certificate travels in the invitation and is the only one its holder trusts, so no authority is
asked. Must never read or write a file: `assemble` does.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 3_650
"""Long, because trust in it ends with the invitation that carries it, not with a date."""
BACKDATED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its private key, both PEM."""

    certificate: str
    key: str


def make_identity(host: str, now_us: int) -> Identity:
    """Make a P-256 key and a self-signed certificate for a host name or address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Deputy")])
    begins = datetime.fromtimestamp(now_us / 1_000_000, tz=UTC) - BACKDATED
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return Identity(public.decode(), private.decode())


def is_for(certificate: str, host: str) -> bool:
    """Say whether a certificate names a host."""
    found = x509.load_pem_x509_certificate(certificate.encode())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _named(host) in list(names)


def listening_context(identity: Identity) -> ssl.SSLContext:
    """Give what a listening plane demands: TLS 1.3 under its own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The library reads key material from files only; this one is private and gone at once.
    descriptor, name = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(identity.key + identity.certificate)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
    return context


def dialling_context(certificate: str) -> ssl.SSLContext:
    """Give what a dialling plane demands: TLS 1.3, and this certificate alone."""
    context = ssl.create_default_context(cadata=certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return x509.DNSName(host)


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
