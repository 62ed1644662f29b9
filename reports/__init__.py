"""Reports: tables, figures and an HTML page made from stored runs; nothing here runs an optimizer.

The import is cheap: pandas and matplotlib load when one of these names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
