"""Every registered optimizer passes every check of the conformance suite, because it is registered."""

import pytest

from optimizers.builtin import BUILTIN
from optimizers.testing import CHECKS, check_same_trace_in_a_new_process, reference_trace, traces_in_a_new_process

NAMES = [entry.name for entry in BUILTIN if not entry.missing_libraries()]  # built-in, and not what else is installed
IN_PROCESS = [check for check in CHECKS if check is not check_same_trace_in_a_new_process]


@pytest.fixture(scope="session")
def new_process_traces():
    return traces_in_a_new_process(NAMES)


@pytest.mark.parametrize("check", IN_PROCESS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_optimizer(name, check):
    check(name)


@pytest.mark.parametrize("name", NAMES)
def test_optimizer_gives_the_same_trace_in_a_new_process(name, new_process_traces):
    assert new_process_traces[name] == reference_trace(name)
