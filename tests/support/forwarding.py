"""A port of loopback that leads to a socket file: the tests' PostgreSQL has no port of its own."""

import contextlib
import select
import socket
import threading


@contextlib.contextmanager
def forwarded(path):
    """The port, while the block runs."""
    threads = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=_serve, args=(server, str(path), threads))
        serving.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        serving.join()
    for thread in threads:
        thread.join()


def _serve(server, path, threads):
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            threads.append(threading.Thread(target=_join, args=(client, path)))
            threads[-1].start()


def _join(client, path):
    """Both ways, until one side goes."""
    with client, socket.socket(socket.AF_UNIX) as inner, contextlib.suppress(OSError):
        inner.connect(path)
        ends = {client: inner, inner: client}
        while True:
            for source in select.select(list(ends), [], [])[0]:
                piece = source.recv(65_536)
                if not piece:
                    return
                ends[source].sendall(piece)
