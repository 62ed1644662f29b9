from .run_campaign import run
from .scoring.scorer import Candidate, Scorer

__all__ = ["Candidate", "Scorer", "run"]
