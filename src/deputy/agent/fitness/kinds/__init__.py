"""The kinds of request that something else serves better, each by what is asked to be done.

Owns one table of acts per kind: verbs together with what they act on. Must never hold a noun
alone, because reports are about the same nouns.
"""
