"""``m3e status``: counts, who is at work, and how long it will take."""

import json
import os
import time

from bench.campaigns.claims import Claims, identity
from bench.campaigns.status import status_of

DEAD = {"host": "gone", "machine": "another", "pid": "7", "start": "1", "slots": "2"}


def row(done, name):
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(name + " ")]
    return line.split()[1:]


def test_a_finished_campaign(m3e_here, finished_campaign):
    done = m3e_here("status")
    assert done.returncode == 0
    assert row(done, "runs/small") == ["12", "12", "0", "0", "0", "0", "none"]


def test_failed_and_missing_runs(m3e_here, finished_campaign, change_record):
    first, second, *_ = sorted((finished_campaign / "records").iterdir())
    change_record(first, lambda content: content["result"].update(status="failed"))
    second.unlink()
    done = m3e_here("status", finished_campaign, columns=200)
    assert row(done, str(finished_campaign)) == ["12", "10", "0", "1", "0", "1", "1", "s", "of", "work"]
    assert f"{finished_campaign}: nobody is at work" in done.stdout


def test_who_is_at_work_and_who_has_died(m3e_here, finished_campaign):
    first, second, third, *_ = sorted((finished_campaign / "records").iterdir())
    for path in (first, second, third):
        path.unlink()
    with Claims(finished_campaign) as claims:
        claims.tell(slots=4)
        claims.claim(first.stem)
        claims.claim(second.stem)
        (finished_campaign / "drivers" / "abc").write_text(json.dumps(DEAD | {"machine": identity()["machine"]}))
        (finished_campaign / "claims" / third.stem).write_text("abc")
        done = m3e_here("status", finished_campaign)
    assert row(done, str(finished_campaign))[4:6] == ["2", "3"]
    assert f"on {identity()['host']} is at work and holds 2 runs, 4 at a time" in done.stdout
    assert "process 7 on gone is dead and has left 1 run claimed" in done.stdout


def test_a_driver_elsewhere_lives_as_long_as_its_heart_beats(finished_campaign):
    place = finished_campaign / "drivers" / "abc"
    place.parent.mkdir()
    place.write_text(json.dumps(DEAD))
    assert status_of(finished_campaign).slots == 2
    past = time.time() - 3600
    os.utime(place, (past, past))
    assert status_of(finished_campaign).slots == 0


def test_unknown_time_is_said_to_be_unknown(m3e_here, finished_campaign):
    for path in (finished_campaign / "records").glob("*magma*"):
        path.unlink()
    assert row(m3e_here("status", finished_campaign), str(finished_campaign))[-1] == "unknown"


def test_hostile_files_do_no_harm(m3e_here, finished_campaign, tmp_path):
    (finished_campaign / "claims").mkdir()
    (finished_campaign / "claims" / "x").write_text("../../secret")
    (finished_campaign / "drivers").mkdir()
    for name, content in (("a", "["), ("b", "[]"), ("c", '{"pid": [1], "slots": {}}'), ("d", "\x00")):
        (finished_campaign / "drivers" / name).write_text(content)
    assert m3e_here("status", finished_campaign).returncode == 0


def test_nothing_there_is_one_sentence(m3e_here):
    for arguments in ((), ("none",)):
        done = m3e_here("status", *arguments)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
