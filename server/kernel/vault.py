"""What has to be kept and must not be read by whoever sees the tables: encrypted with a key of the installation."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.kernel.identity import derived_key

NONCE_BYTES = 12


class Vault:
    """Seals texts with AES-256-GCM under a key that is derived from the installation's secret."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(derived_key(secret, "nexa vault"))

    def seal(self, text: str, purpose: str) -> str:
        """What may be stored of a text. It opens only for the same purpose, such as `totp <user id>`."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """The text again; raises ValueError when it was changed, or sealed for another purpose or by another secret."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise ValueError("this was not sealed here for this purpose") from error
