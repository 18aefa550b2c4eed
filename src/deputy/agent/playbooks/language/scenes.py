"""What the rules that join spans look at: the words, the table and its phrases.

Owns that record. Must never join anything itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from deputy.agent.playbooks.language.columns import Index
from deputy.agent.playbooks.language.items import Item
from deputy.agent.playbooks.language.words import Words
from deputy.agent.playbooks.schema import Table


@dataclass(frozen=True, slots=True)
class Scene:
    """What the rules look at: the words, the table and its phrases."""

    words: Words
    table: Table
    index: Index

    def between(self, first: Item, second: Item) -> str:
        """Give the text between two spans."""
        return self.words.text[first.end : second.start]
