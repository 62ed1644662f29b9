"""Figures of a report: one module each, listed in ``reports.figures.table``."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
