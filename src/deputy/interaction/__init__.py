"""The interaction plane: how people and programs reach a cell.

Owns the HTTP API, the live stream and sign-in. Must never hold a rule about who may do what
beyond sign-in, or keep state of its own: commands go to the cell's sessions.
"""
