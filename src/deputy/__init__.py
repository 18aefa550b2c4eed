"""Deputy: an enterprise code-agent platform that a company runs itself.

This module owns the version and nothing else; importing it must stay free of side effects.
"""

__version__ = "0.1.0"
