"""Briefs as they are looked at: what is weak in one, and what changed from one to the next.

Owns no brief: models and people write them. Pure. Must never change one.
"""

from deputy.agent.briefs.challenging import Finding, challenge
from deputy.agent.briefs.differences import differences

__all__ = ["Finding", "challenge", "differences"]
