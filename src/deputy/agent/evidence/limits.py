"""What no check can know of any file.

Owns these sentences, wherever they are shown.
"""

NEVER_CHECKED = (
    "Whether the figures in your own files are true: they were taken as they are.",
    "Whether the result reads and looks the way you want it: no code can judge that.",
)
