"""Compression and encryption of runs: zstd, then AES-256-GCM under a key of the backup's own that KMS wraps.

A run opens in its own place alone: the backup's name and the run's number are authenticated with it, and number the
nonce, which under a key of one backup is never used twice (NIST SP 800-38D, 8.2.1).
"""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import Protocol

from dbsbm.backup.model import BackupError
from dbsbm.core.bucket import Aws, BucketError

LEVEL = 3
"""Of zstd: a third of the time of level 9 for a tenth more bytes."""
_NONCE_BYTES = 12


class Keys(Protocol):
    """Data keys of backups.

    Raises
    ------
    BackupError
        When a wrapped key is not that backup's.
    """

    def made(self, backup: str) -> tuple[bytes, str]:
        """A new key of 32 bytes, plain and wrapped."""
        ...

    def opened(self, backup: str, wrapped: str) -> bytes: ...


class KmsKeys:
    """Data keys that the KMS key ``key_id`` makes and opens, each bound to its backup's name."""

    def __init__(self, aws: Aws, key_id: str) -> None:
        self._aws = aws
        self._key_id = key_id
        self._known: dict[tuple[str, str], bytes] = {}

    def made(self, backup: str) -> tuple[bytes, str]:
        asked = {"KeyId": self._key_id, "KeySpec": "AES_256", "EncryptionContext": {"backup": backup}}
        answer = self._aws.call("kms", "TrentService.GenerateDataKey", asked)
        return base64.b64decode(answer["Plaintext"]), answer["CiphertextBlob"]

    def opened(self, backup: str, wrapped: str) -> bytes:
        if (backup, wrapped) not in self._known:
            asked = {"KeyId": self._key_id, "CiphertextBlob": wrapped, "EncryptionContext": {"backup": backup}}
            try:
                answer = self._aws.call("kms", "TrentService.Decrypt", asked)
            except BucketError as error:
                if error.status == 400:
                    raise BackupError(f"the key of backup {backup} does not open") from error
                raise
            self._known[backup, wrapped] = base64.b64decode(answer["Plaintext"])
        return self._known[backup, wrapped]


class Sealer:
    """Seals and opens the runs of one backup."""

    def __init__(self, backup: str, key: bytes) -> None:
        from backports import zstd  # noqa: PLC0415 — backups alone pay for the two libraries
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._backup = backup
        self._cipher = AESGCM(key)
        self._pressed = partial(zstd.compress, level=LEVEL)
        self._expanded = zstd.decompress

    def seal(self, number: int, lines: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(number), self._pressed(lines), self._place(number))

    def open(self, number: int, sealed: bytes, digest: str) -> bytes:
        """The lines of a run.

        Raises
        ------
        BackupError
            When a byte of it is another, or it stood elsewhere.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see above

        try:
            lines = self._expanded(self._cipher.decrypt(self._nonce(number), sealed, self._place(number)))
        except InvalidTag as error:
            raise BackupError(f"backup {self._backup}, run {number}: it is not what was written") from error
        if hashlib.sha256(lines).hexdigest() != digest:
            raise BackupError(f"backup {self._backup}, run {number}: other rows than the manifest says")
        return lines

    def _nonce(self, number: int) -> bytes:
        return number.to_bytes(_NONCE_BYTES, "big")

    def _place(self, number: int) -> bytes:
        return f"{self._backup}|{number}".encode()
