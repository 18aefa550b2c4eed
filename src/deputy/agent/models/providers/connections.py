"""The HTTP connections providers are asked over.

Owns their limits. Must never follow a redirect: content goes where the operator said, and nowhere
else.
"""

from __future__ import annotations

import httpx2

from deputy.agent.models.providers.access import Access, Patience

CONNECT_S = 10.0


def http_client(access: Access) -> httpx2.AsyncClient:
    """Give a client for one reply; the caller closes it.

    A proxy named by the environment is used for the way outside only.
    """
    timeout = httpx2.Timeout(Patience().first_event_s, connect=CONNECT_S)
    direct = httpx2.AsyncHTTPTransport() if access.stays_here else None
    return httpx2.AsyncClient(timeout=timeout, follow_redirects=False, transport=direct)
