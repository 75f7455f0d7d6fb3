"""Recordings behind SFTP. The host's key is known beforehand: nobody else can pretend to be the PBX."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from backend.core.errors import InvalidInput, TryLater
from backend.core.telephony.recordings import safe_ones
from backend.integrations import outward
from backend.integrations.recordings.source import PIECE, KeepAlive, check_size

if TYPE_CHECKING:  # a large library: only who fetches by it pays for it
    import asyncssh

CONNECT_SECONDS = 10.0
WHOLE_SECONDS = 900.0
LOOK_SECONDS = 15.0  # somebody waits for it

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Sftp:
    """`key` is a private key in OpenSSH's form, "" when a password opens; `host_key` as in known_hosts:
    «ssh-ed25519 AAAA…». `folder` is on the other side.
    """

    host: str
    port: int
    login: str
    password: str
    key: str
    host_key: str
    folder: str

    def fetch(self, names: Sequence[str], target: Path, keep_alive: KeepAlive) -> str | None:
        async def look(there: asyncssh.SFTPClient) -> str | None:
            root = await _root(there, self.folder)
            for name in safe_ones(names):
                if await _fetched(there, root, name, target, keep_alive):
                    return name
            return None

        return self._ask(look)

    def check(self) -> None:
        async def look(there: asyncssh.SFTPClient) -> None:
            await _root(there, self.folder)

        self._ask(look, LOOK_SECONDS)

    def _ask(
        self, what: Callable[[asyncssh.SFTPClient], Awaitable[Found]], seconds: float = WHOLE_SECONDS
    ) -> Found:
        import asyncssh

        try:
            with outward.connect(self.host, self.port, CONNECT_SECONDS) as line:
                return _run(asyncio.wait_for(self._connected(line, what), seconds))
        except asyncssh.HostKeyNotVerifiable as error:
            raise InvalidInput("telephony_recordings.sftp_host_key") from error
        except asyncssh.PermissionDenied as error:
            raise InvalidInput("telephony_recordings.sftp_refused") from error
        except asyncssh.SFTPPermissionDenied as error:
            raise InvalidInput("telephony_recordings.folder_unreadable") from error
        except (OSError, TimeoutError, asyncssh.Error) as error:
            raise TryLater("telephony_recordings.sftp_away", error=type(error).__name__) from error

    async def _connected(
        self, line: socket.socket, what: Callable[[asyncssh.SFTPClient], Awaitable[Found]]
    ) -> Found:
        """Nothing of this machine's own keys, agents and settings takes part."""
        import asyncssh

        try:
            known = asyncssh.import_public_key(self.host_key)
            keys = [asyncssh.import_private_key(self.key)] if self.key else None
        except asyncssh.KeyImportError as error:
            raise InvalidInput("telephony_recordings.bad_key") from error
        async with (
            asyncssh.connect(
                self.host, self.port, sock=line, username=self.login, password=self.password or None,
                client_keys=keys, known_hosts=([known], [], []), config=None,
                agent_path=None, connect_timeout=CONNECT_SECONDS, login_timeout=CONNECT_SECONDS,
            ) as session,
            session.start_sftp_client() as there,
        ):  # fmt: skip
            return await what(there)


def host_key(host: str, port: int) -> str:
    """What the other side shows: for a person to look at before it is trusted."""
    import asyncssh

    async def ask(line: socket.socket) -> str:
        asked = asyncssh.get_server_host_key(host, port, sock=line, config=None)
        found = await asyncio.wait_for(asked, CONNECT_SECONDS)
        return found.export_public_key("openssh").decode().strip() if found else ""

    try:
        with outward.connect(host, port, CONNECT_SECONDS) as line:
            return _run(ask(line))
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise TryLater("telephony_recordings.sftp_away", error=type(error).__name__) from error


def _run(work: Coroutine[Any, Any, Found]) -> Found:
    """In a thread of its own: the caller's may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def fingerprint(key: str) -> str:
    """«SHA256:…» of a public key, as people compare it; "" for none."""
    import asyncssh

    try:
        return asyncssh.import_public_key(key).get_fingerprint()
    except asyncssh.KeyImportError:
        return ""


async def _root(there: asyncssh.SFTPClient, folder: str) -> str:
    """The folder past every link."""
    import asyncssh

    try:
        root = _text(await there.realpath(folder or "."))
        if not await there.isdir(root):
            raise TryLater("telephony_recordings.folder_missing")
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
        raise TryLater("telephony_recordings.folder_missing") from error
    return root


async def _fetched(
    there: asyncssh.SFTPClient, root: str, name: str, target: Path, keep_alive: KeepAlive
) -> bool:
    import asyncssh

    try:
        found = _text(await there.realpath(f"{root}/{name}"))
        if not found.startswith(root.rstrip("/") + "/"):
            raise InvalidInput("telephony_recordings.leads_out")
        before = await there.stat(found)
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return False
    if before.type != asyncssh.FILEXFER_TYPE_REGULAR:
        raise InvalidInput("telephony_recordings.no_file")
    check_size(before.size or 0)
    size = 0
    async with there.open(found, "rb") as read:
        with target.open("wb") as written:
            while piece := await read.read(PIECE):
                size += len(piece)
                check_size(size)
                written.write(piece if isinstance(piece, bytes) else piece.encode())
                keep_alive()
    after = await there.stat(found)
    if (after.size, after.mtime) != (before.size, before.mtime) or size != after.size:
        raise TryLater("telephony_recordings.still_written")
    return True


def _text(path: str | bytes) -> str:
    return path if isinstance(path, str) else path.decode("utf-8", "surrogateescape")
