"""``m3e best``: list, check a claim, take improvements."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import problems
from bench.campaigns.reference import reference
from bench.cli import exit_code_of
from problems.best_known.claims import LEAST_GAIN
from problems.best_known.entry import BestKnown
from problems.best_known.registry import FOLDER, entry_at, place_of

ID = "mix/S2/bw1/g50/i0"
NEW = "mix/S2/bw1/g20/i77"


@pytest.fixture
def called(capsys):
    """Calls the command; exit code and output."""

    def call(*arguments):
        try:
            code = exit_code_of([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.fixture
def claimed(tmp_path):
    """Writes a claim; its path."""

    def write(**content):
        path = tmp_path / "claim.json"
        path.write_text(json.dumps(content))
        return path

    return write


def best_of(problem_id=ID):
    entry = entry_at(FOLDER, problem_id)
    return {
        "problem": problem_id,
        "cores": entry.cores.tolist(),
        "priorities": entry.priorities.tolist(),
        "value": entry.value,
    }


def test_the_list_names_all_and_counts_them(called):
    code, text = called("best", "--on", "quick")
    assert code == 0
    assert all(problem_id in text for problem_id in ("vision/S3/bw4/g50/i0", "mix/S2/bw1/g50/i7"))
    assert max(map(len, text.splitlines())) < 80
    assert "8 instances: " in text
    code, closed = called("best", "--on", "quick", "--status", "open")
    assert code == 0
    assert "narrow  " not in closed


@pytest.mark.parametrize("path", [FOLDER / place_of(ID)])
def test_an_entry_holds_what_it_claims(called, path):
    code, text = called("best", "check", path)
    assert code == 0
    assert f"entry of {ID}: as it claims" in text
    assert f"mapping of {ID}" in text
    assert f"certificate of {ID}" in text
    assert "gap: " in text


def test_a_mapping_that_is_what_it_claims(called, claimed):
    code, text = called("best", "check", claimed(**best_of()))
    assert code == 0
    assert "as it claims; it is the best known" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 1.0}, "by our own evaluation"),
        ({"value": 1e30}, "by our own evaluation"),
        ({"cores": [9] * 50}, "expected a core from 0 to 3"),
        ({"cores": [0] * 49}, "cores: expected shape"),
        ({"priorities": [0.0] * 49}, "priorities: expected the shape of cores"),
    ],
)
def test_a_mapping_that_is_not(called, claimed, change, words):
    code, text = called("best", "check", claimed(**best_of() | change))
    assert code == 1
    assert text.startswith("not what it claims: ")
    assert words in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "got the keys: none"),
        ({"cores": [0] * 50}, "got the keys: cores"),
        (best_of() | {"cores": ["a"] * 50}, "Expected `int`, got `str`"),
        (best_of() | {"cores": [0.5] * 50}, "Expected `int`, got `float`"),
        (best_of() | {"cores": [True] * 50}, "Expected `int`, got `bool`"),
        (best_of() | {"cores": [2**80] * 50}, "Expected `int`"),
        (best_of() | {"value": "1"}, "Expected `float"),
        (best_of() | {"problem": 3}, "Expected `str`, got `int`"),
        (best_of() | {"problem": "mix/S9/bw1/g50/i0"}, "S9"),
        (best_of() | {"problem": ""}, "Give --problem ID"),
        (best_of() | {"more": 1}, "unknown field `more`"),
    ],
)
def test_a_file_that_claims_nothing_is_told(called, claimed, content, words):
    code, text = called("best", "check", claimed(**content))
    assert code == 2
    assert words in text
    assert "Traceback" not in text


def test_certificates_are_verified(called, claimed):
    certificate = entry_at(FOLDER, ID).certificate.to_json()
    assert called("best", "check", claimed(**certificate))[0] == 2
    code, text = called("best", "check", claimed(**certificate), "--problem", ID)
    assert code == 0
    assert f"certificate of {ID}: proves" in text
    for key in ("value", "makespan"):
        wrong = certificate | {key: certificate[key] * 1.001}
        code, text = called("best", "check", claimed(problem=ID, certificate=wrong))
        assert code == 1
        assert "not what it claims: certificate of" in text


def test_another_instance_than_the_file_names_is_refused(called, claimed):
    code, text = called("best", "check", claimed(**best_of()), "--problem", "mix/S2/bw1/g50/i2")
    assert code == 2
    assert "problem: expected mix/S2/bw1/g50/i2" in text


def test_what_map_wrote_can_be_checked(called, tmp_path):
    out = tmp_path / "mapped"
    assert called("map", ID, "--optimizer", "random", "--budget", "20", "--out", out)[0] == 0
    for path in (out, out / "mapping.json"):
        code, text = called("best", "check", path)
        assert code == 0
        assert "above" in text


@pytest.fixture
def entries(tmp_path):
    """A folder with one entry, whose mapping is a bad one."""
    folder = tmp_path / "entries"
    (folder / place_of(ID)).parent.mkdir(parents=True)
    content = json.loads((FOLDER / place_of(ID)).read_text())
    cores = [0] * 50
    value = problems.get(ID).evaluate(np.array(cores), np.arange(50.0))
    history = [
        {"of": "mapping", "value": value, "by": "nobody", "on": "2020-01-01"},
        {"of": "bound", "value": content["certificates"]["default"]["value"], "by": "nobody", "on": "2020-01-01"},
    ]
    own = content | {"cores": cores, "priorities": list(range(50)), "history": history}
    (folder / place_of(ID)).write_text(json.dumps(own))
    return folder


@pytest.fixture
def campaign(called, tmp_path):
    """A campaign on two instances."""
    path = tmp_path / "tried.toml"
    path.write_text(
        f'problems = ["{ID}", "{NEW}", "{NEW}/latency+energy"]\noptimizers = ["random"]\nseeds = 2\nbudget = 50\n'
    )
    assert called("run", path, "--no-report", "--engine", "serial", "--out", tmp_path / "runs")[0] == 0
    return tmp_path / "runs" / "tried"


def test_updates_take_improvements_only(called, entries, campaign):
    before = entry_at(entries, ID)
    code, text = called("best", "update", campaign, "--into", entries)
    assert code == 0
    assert f"{ID}: " in text
    assert "better" in text
    assert "compared 1 instance with the entries in" in text
    assert ": 1 better, 0 new" in text
    assert "left out: 1 without an entry (--new takes mappings of new instances)" in text
    assert "left out: 1 with two objectives" in text
    after = entry_at(entries, ID)
    assert after.value < before.value
    assert after.history[: len(before.history)] == before.history
    latest = after.last("mapping")
    assert latest.by.startswith("random, seed ")
    assert latest.by.endswith(", then a descent by moves and swaps of jobs")
    assert latest.validated
    found = next(record for record in after.history[len(before.history) :] if record.of == "mapping")
    assert found.evaluations == 50
    assert latest.by.startswith(found.by)
    assert latest.value < found.value
    assert problems.get(ID).evaluate(after.cores, after.priorities) == after.value
    text_before = (entries / place_of(ID)).read_text()
    assert ": 0 better, 0 new" in called("best", "update", campaign, "--into", entries)[1]
    assert (entries / place_of(ID)).read_text() == text_before


def test_an_archive_is_a_source_too_also_by_the_name_of_one_that_ships(called, entries, campaign, tmp_path):
    assert called("archive", "create", tmp_path / "kept", campaign)[0] == 0
    text = called("best", "update", tmp_path / "kept", "--into", entries)[1]
    assert f"{ID}: " in text
    assert ": 1 better, 0 new" in text
    empty = tmp_path / "empty"
    empty.mkdir()
    code, text = called("best", "update", "dev", "--into", empty)
    assert code == 0
    assert "without an entry" in text
    assert f"compared no instances with the entries in {empty}" in text


def test_what_ships_is_no_better_than_the_best_known():
    """Of each instance of ``core`` the entry holds the best of the reference results, or a better one."""
    least = {}
    for run in reference("core").runs():
        least[run.spec.problem] = min(run.best_value, least.get(run.spec.problem, np.inf))
    behind = {each: entry_at(FOLDER, each).value / value for each, value in least.items()}
    assert max(behind.values()) <= 1.0 + LEAST_GAIN, behind


def test_new_instances_are_taken_when_asked_for(called, entries, campaign):
    code, text = called("best", "update", campaign, "--into", entries, "--new", "--effort", "fast")
    assert code == 0
    assert f"{NEW}: " in text
    entry = entry_at(entries, NEW)
    assert set(entry.certificates) == {"default", "fast"}
    assert entry.bound <= entry.value
    assert entry.problem == NEW
    assert not (entries / f"{NEW}/latency+energy.json").exists()


def test_damaged_records_are_never_taken(called, entries, campaign):
    for path in (campaign / "records").glob("*.json"):
        content = json.loads(path.read_text())
        content["result"]["best_value"] = 1.0
        path.write_text(json.dumps(content))
    before = (entries / place_of(ID)).read_text()
    code, text = called("best", "update", campaign, "--into", entries)
    assert code == 0
    assert "left out: 6 damaged, in records ('m3e check' names them)" in text
    assert "compared no instances" in text
    assert (entries / place_of(ID)).read_text() == before


def test_results_that_are_not_there_are_told(called, tmp_path):
    code, text = called("best", "update", tmp_path / "nothing")
    assert code == 2
    assert "no results in" in text


def test_a_folder_of_other_entries_is_not_mixed_up(called, entries, campaign):
    shutil.copy(FOLDER / place_of("mix/S2/bw1/g50/i2"), entries / place_of(ID))
    code, text = called("best", "update", campaign, "--into", entries)
    assert code == 2
    assert f"problem: expected {ID}" in text


def test_claims_are_taken_too(called, entries, claimed):
    code, text = called("best", "update", claimed(**best_of()), "--into", entries)
    assert code == 0
    assert ": 1 better, 0 new" in text
    assert entry_at(entries, ID).value == entry_at(FOLDER, ID).value
    certificate = problems.get(ID).new_certificate("fast").to_json()
    assert called("best", "update", claimed(problem=ID, certificate=certificate), "--into", entries)[0] == 0
    assert "given" in entry_at(entries, ID).certificates
    code, text = called("best", "update", claimed(**best_of() | {"value": 1.0}), "--into", entries)
    assert code == 2
    assert "by our own evaluation" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["history"][-1].update(value=c["history"][-1]["value"] * 1.02), "which is certified"),
        (lambda c: c["history"][0].update(value=c["history"][0]["value"] * 0.9), "by our own evaluation"),
        (lambda c: c.update(digest="0" * 12), "digest: expected"),
        (lambda c: c["certificates"].update(magic=c["certificates"]["default"]), "Invalid enum value 'magic'"),
        (lambda c: c["history"][0].update(on="yesterday"), "Expected `str` matching regex"),
        (lambda c: c["cores"].__setitem__(0, 2**63), "Expected `int`"),
        (lambda c: c["cores"].__setitem__(0, 9), "expected a core from 0 to 3"),
    ],
)
def test_an_entry_that_is_not_what_it_claims_is_neither_passed_nor_improved(
    called, entries, campaign, tmp_path, change, words
):
    content = json.loads((entries / place_of(ID)).read_text())
    change(content)
    (entries / place_of(ID)).write_text(json.dumps(content))
    entry_at.cache_clear()
    code, text = called("best", "check", entries / place_of(ID))
    assert code in (1, 2)
    assert words in text
    code, text = called("best", "update", campaign, "--into", entries)
    assert code == 2
    assert words in text
    assert "Traceback" not in text


def test_the_problem_of_a_record_is_not_another(called, tmp_path):
    out = tmp_path / "mapped"
    assert called("map", ID, "--optimizer", "random", "--budget", "5", "--out", out)[0] == 0
    code, text = called("best", "check", out, "--problem", "mix/S2/bw1/g50/i2")
    assert code == 2
    assert f"expected mix/S2/bw1/g50/i2, got {ID}" in text


def test_two_objectives_have_no_single_best(called, claimed):
    two = f"{ID}/corrected/latency+energy"
    code, text = called("best", "check", claimed(**best_of() | {"problem": two}))
    assert code == 1
    assert "expected one objective" in text


def test_options_of_the_list_are_for_the_list(called, claimed):
    code, text = called("best", "--on", "quick", "check", claimed(**best_of()))
    assert code == 2
    assert "--on and --status are for the list" in text


def test_files_that_are_not_there_are_told(called, tmp_path):
    code, text = called("best", "check", tmp_path / "nothing.json")
    assert code == 2
    assert "no such file" in text


def test_an_entry_as_text_is_an_entry():
    for problem_id in (ID, "mix/S2/bw1/g50/i2"):
        path = FOLDER / place_of(problem_id)
        assert BestKnown.from_text(path.read_bytes()).problem == problem_id
