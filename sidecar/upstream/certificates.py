"""TLS to the decision point, with files that may be renewed at any time."""

import grpc

from gatehold.invalid import InvalidInput
from gatehold.pem import read_certificates, read_key
from sidecar.settings import TlsFiles

Contents = tuple[bytes, bytes | None, bytes | None]


class Certificates:
    """The files as they were read last.

    Raises:
        InvalidInput: a file can not be read, or others can read the key.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._read = _read(files)

    def credentials(self) -> grpc.ChannelCredentials:
        """What a channel is opened with."""
        ca, certificate, key = self._read
        return grpc.ssl_channel_credentials(ca, key, certificate)

    def changed(self) -> bool:
        """Whether the files hold something else by now, which `credentials` then uses. Half written ones do not."""
        try:
            read = _read(self._files)
        except InvalidInput:
            return False
        if read == self._read:
            return False
        self._read = read
        return True


def _read(files: TlsFiles) -> Contents:
    certificate, key = files.certificate, files.key
    return (
        read_certificates(files.ca, "tls_ca"),
        None if certificate is None else read_certificates(certificate, "tls_cert"),
        None if key is None else read_key(key, "tls_key"),
    )
