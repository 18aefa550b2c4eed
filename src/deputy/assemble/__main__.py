"""The entry of child processes: `python -m deputy.assemble KIND`, as the supervisor starts them.

Owns nothing but the choice. Reads its handover from standard input.
"""

import sys

from deputy.assemble.processes import control, export, serve, switchboard, work
from deputy.settings import Settings

CHILDREN = {
    "server": serve,
    "worker": work,
    "telemetry": export,
    "control": control,
    "switchboard": switchboard,
}

if __name__ == "__main__":
    CHILDREN[sys.argv[1]](Settings())
