"""What the conformance tests are written with; the only room of defcore that they import.

`Api` asks on the wire and gives an `Answer` that asserts; `Resources` creates what a test needs, writes it
down first, and removes it; `wait_for` polls. The fixtures that hand them out are in `defcore/suite/conftest.py`.
"""

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.suite.support.actor import Actor
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

__all__ = [
    "Absent",
    "Actor",
    "Answer",
    "Api",
    "CannotTell",
    "Prerequisite",
    "PromiseBroken",
    "Resources",
    "shortened",
    "wait_for",
]
