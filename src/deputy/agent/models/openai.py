"""OpenAI's models, and any server that speaks its chat-completions format.

Owns how that wire is opened. Must never use what OpenAI runs on its own side.
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

NAME = "openai"
URL = "https://api.openai.com/v1"
NO_KEY = "none"
"""What a server that wants no key is given: the format has no way to send nothing."""


def make(ids: Ids, model: str, access: Access) -> ProviderModel:
    """Give a model by its name at the provider."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Wire]:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.profiles.openai import OpenAIModelProfile
        from pydantic_ai.providers.openai import OpenAIProvider
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        from deputy.agent.models.providers.connections import http_client

        # A stream without a finish reason was cut: servers that never send one are not supported.
        whole = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
        async with http_client(access) as http:
            key = access.key or NO_KEY
            provider = (
                OpenAIProvider(base_url=URL, api_key=key, http_client=http)
                if access.url is None
                else OpenAICompatibleProvider(
                    "compatible", base_url=access.url, api_key=key, http_client=http
                )
            )
            yield OpenAIChatModel(model, provider=provider, profile=whole)

    return provided(NAME, model, access, connect, ids)
