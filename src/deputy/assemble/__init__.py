"""The composition root: the only place that knows every plane.

Owns building processes from settings and running them as one group on one machine. Must never
hold a rule.
"""

from deputy.assemble.doctor import Finding, doctor
from deputy.assemble.places import Running, running
from deputy.assemble.processes import serve, work
from deputy.assemble.supervisor import up

__all__ = ["Finding", "Running", "doctor", "running", "serve", "up", "work"]
