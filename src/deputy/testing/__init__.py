"""Fakes and conformance suites, shipped for authors of extensions.

Owns stand-ins that keep the contracts of `core.ports`. Must never be imported by the product.
"""
