"""`gatehold keys ca`: a certificate authority for development."""

import datetime
import ipaddress
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cryptography import x509

_CA_DAYS = 3650
_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_DEFAULT = Path(".gatehold/ca")


@click.group()
def ca() -> None:
    """Make certificates for development: a CA, the decision point's, and sidecars'.

    In production let what issues your other certificates do it, for example SPIRE or cert-manager.

    \b
    Examples:
      gatehold keys ca init
      gatehold keys ca issue --server localhost --server 127.0.0.1 --out .gatehold/ca/pdp
      gatehold keys ca issue --sidecar billing-box --tenant default --out .gatehold/ca/billing-box
    """


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=_DEFAULT,
    show_default=True,
    help="Holds ca.pem and ca.key.",
)


@ca.command()
@_directory
def init(directory: Path) -> None:
    """Make a CA: DIR/ca.pem, to be given to both sides, and DIR/ca.key, to be kept."""
    from cryptography import x509

    key, name = _new_key(), _name("Gatehold development CA")
    builder = _builder(name, name, key, datetime.timedelta(days=_CA_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(directory / "ca", _signed(builder, key), key)
    click.echo(f"made {directory}/ca.pem and {directory}/ca.key")


@ca.command()
@_directory
@click.option("--server", "hosts", multiple=True, metavar="HOST", help="Name or address that the decision point has.")
@click.option("--sidecar", metavar="NAME", help="Name of a sidecar.")
@click.option("--tenant", default="default", show_default=True, help="The sidecar's tenant.")
@click.option("--trust-domain", default="gatehold", show_default=True, help="As `pdp serve --trust-domain` has it.")
@click.option("--days", type=click.IntRange(1, 825), default=30, show_default=True, help="How long it is valid.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Where to write: OUT.pem, and OUT.key with mode 0600."
)
def issue(
    directory: Path, hosts: tuple[str, ...], sidecar: str | None, tenant: str, trust_domain: str, days: int, out: Path
) -> None:
    """Issue a certificate, for a decision point (--server) or for a sidecar (--sidecar).

    A sidecar's carries the SPIFFE ID spiffe://TRUST_DOMAIN/tenant/TENANT/sidecar/NAME. It is let in once
    `gatehold keys create --role sidecar --certificate NAME` has said which agents it may speak for.
    """
    if bool(hosts) == bool(sidecar):
        raise click.UsageError("give --server for a decision point, or --sidecar for a sidecar")
    names = [_host(host) for host in hosts] if sidecar is None else [_spiffe(trust_domain, tenant, sidecar)]
    certificate, signer = _authority(directory)
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key, purpose = _new_key(), ExtendedKeyUsageOID.CLIENT_AUTH if sidecar else ExtendedKeyUsageOID.SERVER_AUTH
    builder = _builder(_name(sidecar or hosts[0]), certificate.subject, key, datetime.timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    _write(out, _signed(builder, signer), key)
    click.echo(f"made {out}.pem and {out}.key")


def _authority(directory: Path) -> tuple["x509.Certificate", Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        certificate = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), password=None)
    except FileNotFoundError as error:
        raise click.ClickException(f"{error.filename} is not there: run `gatehold keys ca init` first") from error
    except ValueError as error:
        raise click.ClickException(f"{directory} holds no CA that can be read: {error}") from error
    return certificate, key


def _spiffe(trust_domain: str, tenant: str, sidecar: str) -> "x509.UniformResourceIdentifier":
    from cryptography import x509

    for option, value in (("--trust-domain", trust_domain), ("--tenant", tenant), ("--sidecar", sidecar)):
        if not _SEGMENT.fullmatch(value):
            raise click.UsageError(f"{option} {value!r} is not made of letters, digits, ., _ and -")
    return x509.UniformResourceIdentifier(f"spiffe://{trust_domain}/tenant/{tenant}/sidecar/{sidecar}")


def _host(host: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _builder(
    subject: "x509.Name", issuer: "x509.Name", key: Any, lifetime: datetime.timedelta
) -> "x509.CertificateBuilder":
    from cryptography import x509

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))  # clocks differ
        .not_valid_after(now + lifetime)
    )


def _usage(*, signs: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: "x509.CertificateBuilder", signer: Any) -> "x509.Certificate":
    from cryptography.hazmat.primitives import hashes

    return builder.sign(signer, hashes.SHA256())


def _write(path: Path, certificate: "x509.Certificate", key: Any) -> None:
    """Writes PATH.key and PATH.pem, and nothing over what is there."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for suffix, content, mode in ((".key", private, 0o600), (".pem", certificate.public_bytes(Encoding.PEM), 0o644)):
        file = path.with_name(f"{path.name}{suffix}")
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except FileExistsError:
            raise click.ClickException(f"{file} exists; remove it, or choose another name") from None
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
