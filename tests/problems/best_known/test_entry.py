"""Entries of best-known values: their files, and that those that ship hold what they say."""

import itertools
import json

import numpy as np
import pytest

import problems
from bench.campaigns.reading import campaign_names, load_campaign
from problems.best_known.entry import BOUND, MAPPING, BestKnown, gap_between
from problems.best_known.registry import FOLDER, best_known, entry_at, ids_in, place_of
from problems.foundation.errors import InvalidInput, M3EError

IDS = list(ids_in(FOLDER))
ID = "mix/S2/bw1/g50/i0"


def shipped_instances():
    for name, quick in itertools.product(campaign_names(), (False, True)):
        try:
            yield from load_campaign(name, quick=quick).problems
        except M3EError:  # it has no quick form
            assert quick


def test_every_instance_of_every_shipped_campaign_has_an_entry():
    assert set(shipped_instances()) - set(IDS) == set()


@pytest.mark.parametrize("part", range(8))
def test_every_entry_holds_what_it_says(part):
    for problem_id in IDS[part::8]:
        entry, problem = entry_at(FOLDER, problem_id), problems.get(problem_id)
        assert entry.digest == problem.content_digest(), problem_id
        assert problem.evaluate(entry.cores, entry.priorities) == pytest.approx(entry.value, rel=1e-12), problem_id
        assert entry.verify(problem)
        assert entry.bound == max(c.value for c in entry.certificates.values()) <= entry.value * (1 + 1e-12), problem_id
        assert "default" in entry.certificates
        assert all(record.validated for record in entry.history)


def test_histories_only_improve():
    for problem_id in IDS:
        history = entry_at(FOLDER, problem_id).history
        mappings = [record.value for record in history if record.of == MAPPING]
        bounds = [record.value for record in history if record.of == BOUND]
        assert mappings == sorted(set(mappings), reverse=True)
        assert bounds == sorted(set(bounds))
        assert [r.on for r in history] == sorted(r.on for r in history)


@pytest.mark.parametrize("problem_id", IDS[:: max(1, len(IDS) // 12)])
def test_stored_certificates_are_those_that_are_computed(problem_id):
    problem = problems.get(problem_id)
    stored, computed = problem.certificate(), problem.new_certificate()
    assert stored == best_known(problem).certificates["default"]
    assert computed.value == pytest.approx(stored.value, rel=1e-9)
    assert problem.lower_bound() == stored.value


def test_a_problem_tells_its_best_known_mapping():
    p = problems.get(ID)
    best = p.best_known()
    assert p.evaluate(best.cores, best.priorities) == best.value
    assert best.bound <= best.value
    assert best.gap == pytest.approx(best.value / best.bound - 1.0)
    assert best.status == ("closed" if best.gap < 1e-4 else "narrow" if best.gap < 1e-2 else "open")
    assert best.validated
    with pytest.raises(ValueError, match="read-only"):
        best.cores[0] = 1
    with pytest.raises(TypeError):
        best.certificates["best"] = None


def test_problems_without_an_entry_have_none():
    assert problems.get("mix/S2/bw1/g50/i77").best_known() is None
    assert problems.from_job_table([[1.0, 2.0]], [[1.0, 2.0]], 1.0).best_known() is None


def test_another_problem_of_the_same_id_has_none():
    p = problems.get(ID)
    latency, bandwidth = p.job_table.latency.copy(), p.job_table.bandwidth
    latency[0, 0] += 1.0
    table = problems.JobTable(latency, bandwidth)
    assert problems.Problem(ID, table, p.system_bandwidth, p.total_macs).best_known() is None
    assert problems.Problem(ID, p.job_table, p.system_bandwidth + 1.0, p.total_macs).best_known() is None


@pytest.mark.parametrize("bad", ["../secret", "/etc/passwd", "a//b", "file:jobs.csv#1/S2", "a/./b", "a/../b", ""])
def test_ids_that_lead_out_of_the_folder_have_no_place(bad):
    assert place_of(bad) is None
    assert entry_at(FOLDER, bad) is None


def test_an_entry_is_read_as_it_was_written():
    entry = entry_at(FOLDER, ID)
    again = BestKnown.from_text(entry.to_text().encode())
    assert again.to_text() == entry.to_text() == (FOLDER / place_of(ID)).read_text()
    assert again.certificates == entry.certificates
    assert again.history == entry.history
    assert np.array_equal(again.cores, entry.cores)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("cores", "x", "Expected `array`"),
        ("priorities", [1.0], "priorities: expected 50 numbers, got 1"),
        ("history", [], "a history with a mapping and a bound"),
        ("certificates", {}, "a history with a mapping and a bound, and certificates"),
        ("cores", [2**63] * 50, "Expected `int`"),
        ("certificates", {"default": {"kind": "guess"}}, "certificate: expected the keys"),
        ("history", [{"of": "dream"}], "Invalid enum value"),
        ("surprise", 1, "unknown field `surprise`"),
    ],
)
def test_a_damaged_entry_is_refused(tmp_path, key, value, words):
    content = json.loads((FOLDER / place_of(ID)).read_text()) | {key: value}
    path = tmp_path / place_of(ID)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))
    with pytest.raises(InvalidInput, match=words):
        entry_at(tmp_path, ID)


@pytest.mark.parametrize(
    ("value", "bound", "gap"), [(3.0, 2.0, 0.5), (2.0, 2.0, 0.0), (0.0, 0.0, 0.0), (1.0, 0.0, np.inf)]
)
def test_gaps(value, bound, gap):
    assert gap_between(value, bound) == gap
