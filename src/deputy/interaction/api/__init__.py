"""The HTTP API, version 1.

Owns addresses, shapes of requests and answers, and limits on them. Must never decide who may do
what: sign-in names the person, the cell's sessions decide.
"""

from deputy.interaction.api.app import create_app
from deputy.interaction.api.services import Services

__all__ = ["Services", "create_app"]
