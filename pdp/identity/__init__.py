"""Who calls: keys, sessions and certificates, what they stand for, and the keys a first start leaves behind."""

from pdp.identity.apikey import ApiKey, KeyFormatError, generate_key, generate_token
from pdp.identity.first_keys import FIRST_AGENT, KeyFileError, seed_first_keys
from pdp.identity.keyring import CredentialInvalid, Keyring
from pdp.identity.principal import ANY_AGENT, Principal, Role

__all__ = [
    "ANY_AGENT",
    "FIRST_AGENT",
    "ApiKey",
    "CredentialInvalid",
    "KeyFileError",
    "KeyFormatError",
    "Keyring",
    "Principal",
    "Role",
    "generate_key",
    "generate_token",
    "seed_first_keys",
]
