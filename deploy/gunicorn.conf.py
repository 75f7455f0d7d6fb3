"""The web server of production, of the demo and of the benchmarks: one configuration for all three."""

import gc
import os
from typing import Any

bind = os.environ.get("WEB_BIND") or "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 8  # most of them wait for the database's disk, and what waits together is committed together
preload_app = True  # the code is shared between the workers' memory
timeout = 30
graceful_timeout = 20
keepalive = 75  # a little more than nginx keeps an idle upstream connection
backlog = 512
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  no disk behind the heartbeat
control_socket_disable = True  # would be a file in the home directory, which a service has not
loglevel = "warning"


def pre_fork(_server: Any, _worker: Any) -> None:
    """The collector leaves alone what is loaded already: touching it would copy it into each worker."""
    gc.collect()
    gc.freeze()
