"""Language models behind the model port, whoever provides them.

Owns what all providers share: access, prices, rendering a context, reading a reply, faults and
patience. A provider's own file, beside this package, only says how its wire is spoken. Must never
import a provider's library before a model is really asked: that takes about a second.
"""
