"""Anthropic's models, and any server that speaks its messages format.

Owns how that wire is opened. Must never use what Anthropic runs on its own side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from deputy.agent.models.providers.access import Access
from deputy.agent.models.providers.model import ProviderModel, provided
from deputy.core.ports import Ids

if TYPE_CHECKING:
    from pydantic_ai.models import Model as Wire

NAME = "anthropic"
URL = "https://api.anthropic.com"
NO_KEY = "none"
"""What a server that wants no key is given, so that no key of the environment is ever sent."""


def make(ids: Ids, model: str, access: Access) -> ProviderModel:
    """Give a model by its name at the provider."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Wire]:
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        from deputy.agent.models.providers.connections import http_client

        async with http_client(access) as http:
            provider = AnthropicProvider(
                api_key=access.key or NO_KEY, base_url=access.url or URL, http_client=http
            )
            yield AnthropicModel(model, provider=provider)

    return provided(NAME, model, access, connect, ids)
