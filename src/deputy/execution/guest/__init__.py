"""What runs on the far side of the wall, under the runtime's own Python.

Owns the launcher, the zygote, pid 1 of each call and the program's first steps. Must import the
standard library alone: the runtime does not know the deputy package.
"""
