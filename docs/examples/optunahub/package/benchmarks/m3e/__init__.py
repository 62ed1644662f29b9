from ._m3e import Problem


__all__ = ["Problem"]
