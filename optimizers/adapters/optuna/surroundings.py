"""What is set for the time of a run: Optuna's log and warnings, and threads."""

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
    """Turns the word that parameters are sampled independently, which is only logged, into an error."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "independent" in message or "instead" in message:
            raise FallbackToRandom(f"Optuna falls back to random sampling: {message}")


@contextmanager
def quiet() -> Iterator[None]:
    """No news of new studies, and none of what is experimental or will go."""
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
    """The same in one thread, where small matrices are fastest; a fall-back to random sampling is an error."""
    logger, handler = logging.getLogger("optuna"), _Raise(logging.WARNING)
    with quiet(), threadpool_limits(1):
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """For samplers that calculate with torch: the same sums in the same order, whatever the machine."""
    torch = importlib.import_module("torch")  # optional, and heavy
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
