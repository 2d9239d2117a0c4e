"""Client certificates: whom they name, and until when.

A sidecar's certificate has exactly one SPIFFE ID, `spiffe://TRUST_DOMAIN/tenant/TENANT/sidecar/NAME`
(https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md, sections 2 and 5.2). gRPC tells it as
`peer_spiffe_id` only where there is one URI in the certificate; its list of all names is never looked at.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509

TRUST_DOMAIN = "gatehold"
_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}", re.ASCII)
_SEGMENT = r"[A-Za-z0-9._-]{1,128}"
_NAME = re.compile(_SEGMENT, re.ASCII)
_PATH = re.compile(rf"/tenant/({_SEGMENT})/sidecar/({_SEGMENT})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Certified:
    """A sidecar as a verified certificate names it.

    Attributes:
        not_after_us: from this moment on it names nobody; microseconds since 1970-01-01 UTC.
    """

    tenant: str
    sidecar: str
    not_after_us: int


def is_trust_domain(text: str) -> bool:
    """Whether the text can be the trust domain of a SPIFFE ID."""
    return _TRUST_DOMAIN.fullmatch(text) is not None


def is_sidecar_name(text: str) -> bool:
    """Whether the text can stand in a SPIFFE ID without being escaped."""
    return _NAME.fullmatch(text) is not None and text not in (".", "..")


@lru_cache(maxsize=1_024)
def certified(spiffe_id: str, pem: bytes, trust_domain: str) -> Certified | None:
    """The sidecar that a certificate names; None where it names none of this trust domain.

    Args:
        spiffe_id: the certificate's only one.
        pem: the certificate, which the handshake has verified.
    """
    prefix = f"spiffe://{trust_domain}"
    match = _PATH.fullmatch(spiffe_id[len(prefix) :]) if spiffe_id.startswith(prefix) else None
    if match is None:
        return None
    not_after = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    return Certified(match[1], match[2], int(not_after.timestamp() * 1_000_000))
