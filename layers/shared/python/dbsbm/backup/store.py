"""Where backups lie: ``manifests/<name>`` and ``data/<name>``, named after the moment they show.

Those of one community have their manifests in ``guilds/<id>/``.

Everything in the bucket is locked for longer than a backup of any of the last 35 days may need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbsbm.backup import model
from dbsbm.backup.model import BackupError, Manifest, Run, Source, TableDump, moment_in
from dbsbm.backup.sealing import Keys, Sealer
from dbsbm.core.bucket import Bucket, BucketError
from dbsbm.core.upload import ATTEMPTS, Upload

_GUILDS = "guilds/"


@dataclass(frozen=True, slots=True)
class Store:
    bucket: Bucket
    keys: Keys

    def names(self, guild_id: int = 0) -> Sequence[str]:
        """Every backup, oldest first."""
        prefix = _manifest("", guild_id).removesuffix(".json")
        return [key.removeprefix(prefix).removesuffix(".json") for key in self.bucket.keys(prefix)]

    def at(self, moment: datetime, guild_id: int = 0) -> Manifest:
        """The newest backup that shows this moment or an earlier one.

        Raises
        ------
        BackupError
            When there is none, or it is not what was written.
        """
        name = self._last(moment, guild_id)
        if not name:
            raise BackupError(f"no backup of {moment:%Y-%m-%d %H:%M} UTC or before")
        return self.manifest(name, guild_id)

    def of_guild(self, moment: datetime, guild_id: int) -> Manifest:
        """The same for one community: its own newest backup, unless one of everything is newer. Raises BackupError."""
        own, whole = self._last(moment, guild_id), self._last(moment, 0)
        return self.at(moment, guild_id if own and (not whole or moment_in(own) >= moment_in(whole)) else 0)

    def guilds(self) -> Sequence[int]:
        """Communities with backups of their own."""
        return sorted({int(key.split("/")[1]) for key in self.bucket.keys(_GUILDS)})

    def _last(self, moment: datetime, guild_id: int) -> str:
        """The name of the last one until then, "" when there is none."""
        until = moment.astimezone(UTC)
        return max((name for name in self.names(guild_id) if moment_in(name) <= until), default="")

    def manifest(self, name: str, guild_id: int = 0) -> Manifest:
        """A backup's manifest, verified. Raises BackupError."""
        stored = self.bucket.get(_manifest(name, guild_id))
        if stored is None:
            raise BackupError(f"there is no backup {name}")
        manifest, document = model.opened(name, stored)
        if (manifest.backup, manifest.guild) != (name, guild_id):
            raise BackupError(f"manifest {name} is the one of {manifest.backup}")
        return model.verified(manifest, document, self._key(manifest, name))

    def put(self, manifest: Manifest) -> None:
        """Once and for all. Raises BackupError when there is one of that name."""
        stored = model.sealed(manifest, self._key(manifest, manifest.backup))
        if not self.bucket.put(_manifest(manifest.backup, manifest.guild), stored, new=True):
            raise BackupError(f"there is a backup {manifest.backup} already")

    def data(self, name: str) -> Upload:
        return Upload(self.bucket, f"data/{name}")

    def lines(self, manifest: Manifest, table: TableDump, runs: Sequence[Run] | None = None) -> Iterator[bytes]:
        """The lines of each run of a table, opened and compared with its digest. Raises BackupError."""
        for run in table.runs if runs is None else runs:
            source = manifest.sources[run.source]
            sealer = Sealer(source.backup, self.keys.opened(source.backup, source.key))
            lines = sealer.open(run.number, self._sealed(source, run, table.name), run.digest)
            if lines.count(b"\n") != run.rows:
                raise BackupError(f"{table.name}, run {run.number} of {source.backup}: not {run.rows} rows")
            yield lines

    def sizes(self, manifest: Manifest) -> None:
        """Whether every object that is needed is there, whole. Raises BackupError naming the one that is not."""
        for source in manifest.sources:
            last = self._part(f"data/{source.backup}", source.bytes - 1, 2) if source.bytes else b"-"
            if last is None or len(last) != 1:
                raise BackupError(f"data/{source.backup}: {'missing' if last is None else 'not of the size it had'}")

    def notes(self, name: str) -> dict[str, Any]:
        """What is known of a backup's verification."""
        stored = self.bucket.get(f"checks/{name}.json")
        document: dict[str, Any] = json.loads(stored) if stored else {}
        return document

    def note(self, name: str, document: dict[str, Any]) -> None:
        self.bucket.put(f"checks/{name}.json", json.dumps(document).encode())

    def _key(self, manifest: Manifest, name: str) -> bytes:
        own = [source for source in manifest.sources if source.backup == name]
        if len(own) != 1:
            raise BackupError(f"manifest {name} has no key of its own")
        return self.keys.opened(name, own[0].key)

    def _sealed(self, source: Source, run: Run, table: str) -> bytes:
        found = self._part(f"data/{source.backup}", run.offset, run.length)
        if found is None or len(found) != run.length:
            raise BackupError(f"data/{source.backup}: run {run.number} of {table} is missing")
        return found

    def _part(self, key: str, first: int, length: int) -> bytes | None:
        for _ in range(ATTEMPTS - 1):
            try:
                return self.bucket.part(key, first, length)
            except BucketError as error:
                if error.status and error.status < 500:
                    raise
        return self.bucket.part(key, first, length)


def _manifest(name: str, guild_id: int) -> str:
    return f"{_GUILDS}{guild_id}/{name}.json" if guild_id else f"manifests/{name}.json"
