from .run_campaign import run

__all__ = ["run"]
