"""What runs: campaigns, engines, and the ``m3e`` command.

>>> import bench, reports
>>> folder = bench.run("my.toml", workers=2)  # doctest: +SKIP
>>> campaign = reports.read_results([folder])  # doctest: +SKIP
>>> beside = reports.read_results([folder], against=bench.reference_results("core"))  # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
