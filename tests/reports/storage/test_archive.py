"""Archives of results: what goes in comes out, and what is damaged is named."""

import json
import lzma
import shutil

import pytest

from problems.foundation.errors import StorageError
from reports.storage import archive
from reports.storage.archive import add, create, faults_of, file_of, open_archive
from reports.storage.campaign_folder import results_in


@pytest.fixture
def campaign(finished_campaign):
    return results_in([finished_campaign])


@pytest.fixture
def made(campaign, tmp_path):
    return create(tmp_path / "core", [campaign], "core")


def broken(made, label, content):
    (made.folder / file_of(label)).write_bytes(content)
    return [str(fault) for fault in faults_of(open_archive(made.folder))]


def redefined(made, **changes):
    place = made.folder / archive.DEFINITION
    content = json.loads(place.read_text())
    content["bundles"][0] |= changes
    place.write_text(json.dumps(content))
    return open_archive(made.folder)


def test_what_goes_in_comes_out(made, campaign):
    again = open_archive(made.folder).campaign()
    assert {(run.id, run.label) for run in again.runs} == {(run.id, run.label) for run in campaign.runs}
    values = {run.id: run.best_value for run in campaign.runs}
    assert all(run.best_value == values[run.id] for run in again.runs)
    assert again.tomls == campaign.tomls
    assert not list(faults_of(made))


def test_the_definition_says_what_is_in_it(made, campaign):
    bundles = {bundle.label: bundle for bundle in made.definition.bundles}
    assert set(bundles) == {"magma", "random", "deap-stdga"}
    assert (bundles["magma"].runs, bundles["magma"].problems, bundles["magma"].seeds) == (4, 2, [0, 1])
    assert bundles["magma"].budgets == [150]
    assert "deap" in bundles["deap-stdga"].versions
    expected = sum(run.seconds["cpu"] for run in campaign.runs if run.label == "magma") / 3600.0
    assert bundles["magma"].cpu_hours == pytest.approx(expected, abs=1e-4)


def test_the_same_runs_give_the_same_bytes(made, campaign, tmp_path):
    other = create(tmp_path / "other", [campaign], "core")
    for place in made.folder.iterdir():
        assert (other.folder / place.name).read_bytes() == place.read_bytes()


def test_what_is_added_leaves_the_rest_as_it_is(campaign, tmp_path):
    half = campaign.runs[::2]
    first = create(tmp_path / "core", [replaced(campaign, half)], "core")
    whole = add(first, [campaign])
    assert sum(bundle.runs for bundle in whole.definition.bundles) == len(campaign.runs)
    assert add(whole, [campaign]).definition == whole.definition
    assert not list(faults_of(whole))


def replaced(campaign, runs):
    from dataclasses import replace

    return replace(campaign, runs=tuple(runs))


def test_damage_is_named(made):
    content = (made.folder / file_of("magma")).read_bytes()
    (told,) = broken(made, "magma", content[:-30])
    assert "digest differs" in told
    (told,) = broken(made, "magma", b"")
    assert "digest differs" in told
    (made.folder / file_of("magma")).unlink()
    (told,) = [str(fault) for fault in faults_of(open_archive(made.folder))]
    assert "cannot read" in told


def test_a_bundle_that_is_told_but_not_xz_is_named(made):
    from hashlib import sha256

    content = lzma.compress(b"{}\n" * 3)[:-8]
    label = made.definition.bundles[0].label
    (made.folder / file_of(label)).write_bytes(content)
    (fault,) = faults_of(redefined(made, sha256=sha256(content).hexdigest()))
    assert "cannot unpack" in str(fault)


def test_a_record_whose_value_is_not_that_of_its_mapping_is_named(made):
    from hashlib import sha256

    from reports.storage.record import decode

    label = made.definition.bundles[0].label
    records = list(made.records_of(made.definition.bundles[0]))
    best = decode(records[0]).best_value
    text = records[0].replace(json.dumps(best).encode(), json.dumps(best * 0.99).encode())
    assert text != records[0]
    content = lzma.compress(b"".join([text, *records[1:]]))
    (made.folder / file_of(label)).write_bytes(content)
    (fault,) = faults_of(redefined(made, sha256=sha256(content).hexdigest()))
    assert "SHA-256" in fault.actual


def test_other_files_are_named(made):
    (made.folder / "notes.txt").write_text("")
    (fault,) = faults_of(made)
    assert "notes.txt" in str(fault)


def test_a_number_that_does_not_fit_is_named(made):
    (fault,) = faults_of(redefined(made, runs=5))
    assert "number of runs: expected 5, got 4" in str(fault)


def test_files_outside_the_folder_are_refused(made):
    with pytest.raises(StorageError, match="names"):
        redefined(made, file="../magma.jsonl.xz")


def test_labels_of_any_kind_have_files_of_their_own(hostile_labels):
    files = [file_of(label) for label in ("magma", "MAGMA!", "a/b", "a_b", "../x", "\N{GREEK SMALL LETTER MU}")]
    assert len(set(files)) == len(files)
    assert all("/" not in file and not file.startswith(".") for file in [*files, *map(file_of, hostile_labels)])


def test_nothing_is_written_over(made, campaign):
    with pytest.raises(StorageError, match="there is something in"):
        create(made.folder, [campaign], "core")


def test_no_archive_is_one_clear_error(tmp_path, finished_campaign):
    with pytest.raises(StorageError, match="no archive in"):
        open_archive(finished_campaign)
    (tmp_path / archive.DEFINITION).write_text("{")
    with pytest.raises(StorageError, match="is damaged"):
        open_archive(tmp_path)


def test_the_commands(m3e_here, finished_campaign, tmp_path):
    shutil.copytree(finished_campaign, tmp_path / "mine")
    made = m3e_here("archive", "create", "reference", "mine")
    assert made.returncode == 0
    assert "12 runs of 3 optimizers" in made.stdout
    assert m3e_here("archive", "verify", "reference").stdout.strip() == "reference: 12 runs in 3 bundles, no faults"
    listed = m3e_here("archive", "list", "reference").stdout
    assert "deap-stdga" in listed
    assert m3e_here("archive", "add", "reference", "mine").returncode == 0
    (tmp_path / "reference" / file_of("magma")).write_bytes(b"")
    found = m3e_here("archive", "verify", "reference")
    assert found.returncode == 1
    assert "1 fault" in found.stdout
    again = m3e_here("archive", "create", "reference", "mine")
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
