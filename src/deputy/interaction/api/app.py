"""The application: routes, sign-in, limits and errors put together.

Owns the order in which a request meets them. Must never touch a request's meaning.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from deputy.interaction.api import errors, routes
from deputy.interaction.api.guards import LOCAL_HOSTS, BodyLimit, HostCheck
from deputy.interaction.api.services import Services

PREFIX = "/api/v1"

__all__ = ["PREFIX", "Services", "create_app"]


def create_app(services: Services, *, hosts: frozenset[str] = LOCAL_HOSTS) -> FastAPI:
    """Give the API of one cell. `hosts` are the host names it may be called by."""

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        await services.tail.start()
        try:
            yield
        finally:
            await services.tail.close()

    app = FastAPI(
        title="Deputy",
        version=services.version,
        description="Ask for a result, follow the work, fetch what was checked.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
        lifespan=live,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    errors.install(app)
    routes.install(app, prefix=PREFIX)
    app.add_middleware(BodyLimit, signin=services.signin)
    app.add_middleware(HostCheck, hosts=hosts)
    return app
