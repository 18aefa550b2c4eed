"""Is the process alive, and can it serve?

Owns /healthz and /readyz. Must never tell anything of a session.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from deputy.interaction.api.access import Parts
from deputy.interaction.api.models import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz(parts: Parts) -> Health:
    """Say that the process is alive."""
    return Health(version=parts.version)


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready."}})
async def readyz(parts: Parts, response: Response) -> Readiness:
    """Say whether requests can be served, part by part."""
    components = dict(await parts.ready())
    ready = all(state == "ok" for state in components.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, components=components)
