"""Journeys: what people do with Deputy, through its public API, on the real thing."""
