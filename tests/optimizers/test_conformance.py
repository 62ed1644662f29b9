"""Every registered optimizer passes every check of the conformance suite, because it is registered."""

import json
import os

import pytest
from filelock import FileLock

from optimizers.builtin import BUILTIN
from optimizers.testing import (
    BUDGET,
    CHECKS,
    check_same_trace_in_a_new_process,
    reference_trace,
    traces_in_a_new_process,
)

NAMES = [entry.name for entry in BUILTIN if not entry.missing_libraries()]  # built-in, and not what else is installed
SLOW = {"optuna-gp": 20}  # seconds a trial; it leaves its random phase after 10
IN_PROCESS = [check for check in CHECKS if check is not check_same_trace_in_a_new_process]


@pytest.fixture(scope="session")
def new_process_traces(request, tmp_path_factory):
    """Traces of the optimizers that this session checks, made once for all workers of the session."""
    own = [item for item in request.session.items if "new_process_traces" in item.fixturenames]
    checked = {item.callspec.params["name"] for item in own}
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return traces_of(checked)
    shared = tmp_path_factory.getbasetemp().parent / "traces.json"  # the workers have one parent
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            shared.write_text(json.dumps(traces_of(checked)))
        return json.loads(shared.read_text())


def traces_of(checked):
    """Traces in new processes, most in one: libraries take their time to load."""
    traces = traces_in_a_new_process(sorted(checked - set(SLOW)))
    for name in checked & set(SLOW):
        traces |= traces_in_a_new_process([name], SLOW[name])
    return traces


@pytest.mark.parametrize("check", IN_PROCESS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_optimizer(name, check):
    check(name, SLOW.get(name, BUDGET))


@pytest.mark.parametrize("name", NAMES)
def test_optimizer_gives_the_same_trace_in_a_new_process(name, new_process_traces):
    assert new_process_traces[name] == reference_trace(name, SLOW.get(name, BUDGET))
