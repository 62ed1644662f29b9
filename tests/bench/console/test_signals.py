"""What m3e does with signals ends with the process that it is called in."""

import signal

import pytest

from bench.cli import main


def test_a_call_in_this_process_leaves_no_signal_ignored():
    before = {wanted: signal.getsignal(wanted) for wanted in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit):
            main(["list", "figures"])
        assert signal.SIG_IGN not in [signal.getsignal(wanted) for wanted in before]
    finally:
        for wanted, handler in before.items():
            signal.signal(wanted, handler)
