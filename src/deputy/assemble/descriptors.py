"""How many files and connections a process of Deputy may have open.

Owns using what this machine allows: the soft limit is often 1,024, whatever the hard one is. Must
never ask for more than the hard limit.
"""

from __future__ import annotations

import resource

OPEN_FILES_MAX = 65_536
"""Nothing here needs more, and some programs walk through all that may be open."""
OTHERS = 256
"""For the database, logs, blobs and uploads of a server, beside its clients."""


def use_all() -> int:
    """Raise this process's own limit as far as it may be; give how many clients fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(1, wanted - OTHERS)
