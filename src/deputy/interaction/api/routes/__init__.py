"""The routes, one file for each thing a client speaks of.

Owns their order and the failures they share. Must never hold a route itself.
"""

from fastapi import APIRouter, FastAPI

from deputy.interaction.api.errors import FAILURES
from deputy.interaction.api.routes import (
    approvals,
    briefs,
    deliverables,
    events,
    health,
    receipts,
    sessions,
    traces,
    turns,
)


def install(app: FastAPI, *, prefix: str) -> None:
    """Mount every route of the API below `prefix`, and the health routes at the root."""
    api = APIRouter(prefix=prefix, responses=FAILURES)
    for module in (sessions, turns, briefs, approvals, events, receipts, traces, deliverables):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(health.router)
