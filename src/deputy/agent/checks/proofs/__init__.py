"""What each check must catch and what must not trip it: the proofs that a check is worth its name.

Owns samples, mutators and invariances, one family of checks a module. Must never be part of a
check: a proof runs on its own, in the sandbox's runtime.
"""
