"""How Hypothesis works here: the same examples on every machine, no clock, and no file left behind."""

from hypothesis import settings

settings.register_profile("tenantry", derandomize=True, deadline=None, database=None)
settings.load_profile("tenantry")
