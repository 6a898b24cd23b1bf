"""The policies that come with defcore."""

from __future__ import annotations

from defcore.catalog import find_data, load_policy, policy_names

DATA = find_data(env={})
POLICIES = {name: load_policy(name, DATA) for name in policy_names(DATA)}
STRICT, OFFICIAL, QUANTITATIVE = (POLICIES[name] for name in ("strict", "official", "quantitative"))
BY_TEST = (STRICT, OFFICIAL)
"""Those that look at each test for itself."""
