"""The proofs of Deputy: they mirror the source tree, and share no state with each other."""
