"""Evidence: what a turn leaves behind so that anyone can see how its result came to be.

Owns the receipt and its page. Must never do a turn's work or judge its result.
"""

from deputy.agent.evidence.explaining import explain
from deputy.agent.evidence.page import render
from deputy.agent.evidence.receipt import build

__all__ = ["build", "explain", "render"]
