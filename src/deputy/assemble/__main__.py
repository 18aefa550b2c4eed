"""The entry of child processes: `python -m deputy.assemble server|worker|telemetry`.

Owns nothing but the choice. Reads its handover from standard input.
"""

import sys

from deputy.assemble.processes import export, serve, work
from deputy.settings import Settings

CHILDREN = {"server": serve, "worker": work, "telemetry": export}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](Settings())
