"""Where an address leads: two addresses of one host are one recipient's."""

from __future__ import annotations

import re

HOST = re.compile(r"\w+://(?:[^/@]*@)?([^/:?#]+)")


def host(url: str) -> str:
    """The name in an address, without scheme, user, port and path; what is no address stays as it is."""
    found = HOST.match(url)
    return found[1].lower() if found else url.lower()
