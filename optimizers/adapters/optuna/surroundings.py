"""Context managers for the time of a run: Optuna's log and warnings, and the number of threads."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import optuna
from optuna.exceptions import ExperimentalWarning
from threadpoolctl import threadpool_limits

from optimizers.adapters import FallbackToRandom


class _Raise(logging.Handler):
    """Raises an error for log messages that parameters are sampled independently."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "independent" in message or "instead" in message:
            raise FallbackToRandom(f"Optuna falls back to random sampling: {message}")


@contextmanager
def quiet() -> Iterator[None]:
    """Mute log messages about new studies, and warnings about experimental and deprecated features."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            for category in (ExperimentalWarning, FutureWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


@contextmanager
def fallbacks_raise() -> Iterator[None]:
    """Also turn a fallback to random sampling into an error, and use one thread: the fastest for small matrices."""
    logger = logging.getLogger("optuna")
    handler = _Raise(logging.WARNING)
    with quiet(), threadpool_limits(1):
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Limit torch to one thread, so that sums are computed in the same order on every machine."""
    torch = importlib.import_module("torch")  # optional, and heavy
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
