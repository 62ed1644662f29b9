from .campaigns.reference import reference_results
from .run_campaign import run
from .scoring.report import Failure, InstanceScore, Limits, Score
from .scoring.scorer import Candidate, Scorer

__all__ = ["Candidate", "Failure", "InstanceScore", "Limits", "Score", "Scorer", "reference_results", "run"]
