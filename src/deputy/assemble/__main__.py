"""The entry of child processes: `python -m deputy.assemble server|worker`.

Owns nothing but the choice. Reads its handover from standard input.
"""

import sys

from deputy.assemble.processes import serve, work
from deputy.settings import Settings

CHILDREN = {"server": serve, "worker": work}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](Settings())
