"""Tests of the built-in model: words, plans, refusals, and the conversation as a whole."""
