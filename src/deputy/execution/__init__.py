"""The execution plane: code runs here, in sandboxes, bytes in and bytes out.

Owns sandboxes and the host that honours permits. Must never hold a database address, a blob
store or a credential, and never opens a path of a sandbox by name.
"""
