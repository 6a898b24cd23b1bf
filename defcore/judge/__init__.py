"""Result and guideline to scorecard. Pure: the date is an argument, and nothing is read or written."""

from defcore.judge.fold import Folded, fold
from defcore.judge.scorecard import score

__all__ = ["Folded", "fold", "score"]
