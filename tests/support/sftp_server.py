"""A real SFTP server on loopback, in a thread of its own: one login, one folder, a key made for the test."""

import asyncio
import threading
from contextlib import contextmanager

import asyncssh


class _Doorman(asyncssh.SSHServer):
    def begin_auth(self, username):  # noqa: ARG002 - as the library calls it
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("records", "let-me-in")


class SftpServer:
    def __init__(self, root):
        self.root = root
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self.key.export_public_key("openssh").decode().strip()
        self.port = None

    def place(self, **changes):
        """Options of a connection that fit."""
        return {
            "host": "127.0.0.1", "port": self.port, "login": "records", "password": "let-me-in",
            "host_key": self.host_key, "remote_folder": "/", **changes,
        }  # fmt: skip

    async def _listen(self):
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[self.key], server_factory=_Doorman,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(self.root).encode()),
        )  # fmt: skip


@contextmanager
def sftp_server(root):
    """The folder is the root of what the client sees."""
    server, loop = SftpServer(root), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(server._listen(), loop).result(10)
    server.port = listening.get_port()
    try:
        yield server
    finally:

        async def stop():
            listening.close()
            await listening.wait_closed()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
