"""The built-in model: pure functions from the message list to the next reply.

Owns what a fresh machine answers with. Must never do I/O, read a clock or keep state.
"""

from deputy.agent.playbooks.conversation import reply

__all__ = ["reply"]
