"""Reads the capabilities, the guidelines and the suite's sources into the values of the model.

In go the YAML files of a data folder and the Python files of the suite; out come a `Catalog` and a `Guideline`,
or one `InputError` with everything that is wrong, each with `file:line:column` and the nearest valid name.
"""

from defcore.catalog.capabilities import load_catalog
from defcore.catalog.detection import load_detection
from defcore.catalog.folders import Data, find_data
from defcore.catalog.guidelines import current_guidelines, guideline_names, load_guideline
from defcore.catalog.policies import load_policy, policy_names
from defcore.catalog.waivers import load_waivers

__all__ = [
    "Data",
    "current_guidelines",
    "find_data",
    "guideline_names",
    "load_catalog",
    "load_detection",
    "load_guideline",
    "load_policy",
    "load_waivers",
    "policy_names",
]
