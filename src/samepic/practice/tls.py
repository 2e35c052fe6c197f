"""The tenant by the cloud's own names: TLS on one port, for clients that take no other address or refuse plain HTTP.

The authority that signs for these names is made once for a state folder, and may sign for nothing else (name
constraints, RFC 5280 4.2.1.10): trusting it opens no other name. Who answers is told by the Host header; at 127.0.0.1
it is Graph, save for the authority's own paths.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from samepic.practice.origins import TENANT_NAME, Origins

HOSTS: Mapping[str, str] = {
    "login.microsoftonline.com": "authority",
    "graph.microsoft.com": "graph",
    f"{TENANT_NAME}.sharepoint.com": "sharepoint",
    f"{TENANT_NAME}-my.sharepoint.com": "sharepoint_my",
    f"{TENANT_NAME}-admin.sharepoint.com": "sharepoint_admin",
    "www.office.com": "start",
    "m365.cloud.microsoft": "start",
}
"""The cloud's name -> the face that answers to it. The last name of a face is the one its own links use."""

_HERE = ("127.0.0.1", "localhost")
_AUTHORITY_PATHS = re.compile(r"/[^/]+/(oauth2/|v2\.0/|discovery/|login$)")
_HTTPS = 443
_CA_DAYS, _DAYS = 3650, 90


@dataclass(frozen=True, slots=True)
class Secure:
    """The TLS port. `ca` is the file of the authority that clients have to trust."""

    port: int
    ca: Path
    context: ssl.SSLContext

    @property
    def address(self) -> str:
        return f"https://{_HERE[0]}{_port(self.port)}"


def open_tls(folder: Path, port: int) -> Secure:
    """What a TLS port needs; the authority is made in the folder if it is not there."""
    ca = folder / "ca.pem"
    chain = folder / "server.pem"
    if not ca.exists():
        _new_authority(ca, folder / "ca-key.pem")
    _new_certificate(chain, ca, folder / "ca-key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["http/1.1"])
    return Secure(port, ca, context)


def cloud_origins(plain: Origins, port: int) -> Origins:
    """The faces by the cloud's names; control keeps its own address."""
    named = {face: f"https://{host}{_port(port)}" for host, face in HOSTS.items()}
    return replace(plain, **named)


def local_origins(plain: Origins, port: int) -> Origins:
    """Authority and Graph at 127.0.0.1, the rest by the cloud's names."""
    here = f"https://{_HERE[0]}{_port(port)}"
    return replace(cloud_origins(plain, port), authority=here, graph=here)


def by_host(cloud: Mapping[str, ASGIApp], here: Mapping[str, ASGIApp]) -> ASGIApp:
    """Everything behind the TLS port."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        name = Headers(scope=scope).get("host", "").partition(":")[0].casefold()
        if name in HOSTS:
            chosen = cloud[HOSTS[name]]
        elif name in _HERE:
            chosen = here["authority" if _AUTHORITY_PATHS.match(scope["path"]) else "graph"]
        else:
            chosen = PlainTextResponse(f"{name} is not played here.", 421)
        await chosen(scope, receive, send)

    return app


def _port(port: int) -> str:
    return "" if port == _HTTPS else f":{port}"


def _new_authority(ca: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samepic practice authority")])
    permitted = [*map(x509.DNSName, (*HOSTS, _HERE[1])), x509.IPAddress(ipaddress.IPv4Network("127.0.0.0/8"))]
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key(), _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(public, critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem(key))
    _write(ca, certificate.public_bytes(serialization.Encoding.PEM))


def _new_certificate(chain: Path, ca: Path, ca_key: Path) -> None:
    """For all the names, anew at each start: it runs out long before the authority does."""
    authority = x509.load_pem_x509_certificate(ca.read_bytes())
    signing = serialization.load_pem_private_key(ca_key.read_bytes(), password=None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samepic practice tenant")])
    names = [*map(x509.DNSName, (*HOSTS, _HERE[1])), x509.IPAddress(ipaddress.ip_address(_HERE[0]))]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    certificate = (
        _builder(name, authority.subject, key.public_key(), _DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signing, hashes.SHA256())
    )
    _write(chain, _pem(key) + certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, data: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(data)
