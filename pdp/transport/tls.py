"""TLS on the decision point's ports. Certificates are read again when their files change, without a restart."""

import grpc
import structlog

from gatehold.invalid import InvalidInput
from gatehold.pem import read_certificates, read_key
from pdp.settings import TlsFiles

_log = structlog.get_logger(__name__)


class ServerTls:
    """Credentials of one port.

    Raises:
        InvalidInput: a file can not be read, or others can read the key.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._read = _read(files)

    def credentials(self) -> grpc.ServerCredentials:
        """What gRPC listens with. A client of a port with a client CA must show a certificate, or has no connection."""
        initial = _configuration(self._read)
        return grpc.dynamic_ssl_server_credentials(
            initial,
            self._changed,  # type: ignore[arg-type]  # None is what its documentation asks for
            require_client_authentication=self._files.client_ca is not None,
        )

    def _changed(self) -> "grpc.ServerCertificateConfiguration | None":
        """What to use from now on; None for what is in use. gRPC asks at each handshake, on a thread of its own."""
        try:
            read = _read(self._files)
        except InvalidInput as error:  # half written, or gone: what works goes on
            _log.warning("certificates_not_reloaded", error=str(error))
            return None
        if read == self._read:
            return None
        self._read = read
        _log.info("certificates_reloaded", certificate=str(self._files.certificate))
        return _configuration(read)


def _configuration(read: tuple[bytes, bytes, bytes | None]) -> "grpc.ServerCertificateConfiguration":
    certificate, key, client_ca = read
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=client_ca)


def _read(files: TlsFiles) -> tuple[bytes, bytes, bytes | None]:
    client_ca = None if files.client_ca is None else read_certificates(files.client_ca, "tls_client_ca")
    return read_certificates(files.certificate, "tls_cert"), read_key(files.key, "tls_key"), client_ca
