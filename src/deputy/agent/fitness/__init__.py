"""Fitness: is this a job for Deputy at all, and if not, for what?

Owns the question `advise` and its answers. Pure, and asked of the requester's typed words alone:
no untrusted text decides whether a request is taken. Must never refuse for a noun: what counts is
what is asked to be done.
"""

from deputy.agent.fitness.advice import DECLINING, Advice, Kind
from deputy.agent.fitness.judging import advise

__all__ = ["DECLINING", "Advice", "Kind", "advise"]
