"""Archives of results: what goes in comes out, and what is damaged is named."""

import json
import lzma
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import permutations

import msgspec
import pytest

from problems.foundation.errors import StorageError
from reports.frames.provenance import warnings_of
from reports.frames.summary import make_tables
from reports.storage import archive
from reports.storage.archive import add, checked, create, faults_of, file_of, open_archive
from reports.storage.campaign_folder import PlannedRun
from reports.storage.content import Content
from reports.storage.record import decode, encode, read_record
from reports.storage.results import _without_subsets, beside, read_results, results_in, together


@pytest.fixture
def campaign(finished_campaign):
    return results_in([finished_campaign])


@pytest.fixture
def made(campaign, tmp_path):
    return create(tmp_path / "core", [campaign], "core")


@pytest.fixture
def interrupted(monkeypatch):
    """A context in which whoever writes an archive is interrupted before the definition is written."""

    def interrupt(place, content):
        if place.name == archive.DEFINITION:
            raise KeyboardInterrupt
        place.write_bytes(content)

    @contextmanager
    def context():
        with monkeypatch.context() as patch:
            patch.setattr(archive, "write_bytes", interrupt)
            yield

    return context


def bundle_of(made, label):
    (found,) = (bundle for bundle in made.definition.bundles if bundle.label == label)
    return found


def place_of(made, label):
    return made.folder / bundle_of(made, label).file


def broken(made, label, content):
    place_of(made, label).write_bytes(content)
    return [str(fault) for fault in faults_of(open_archive(made.folder))]


def rewritten(made, content):
    """The archive, whose first bundle has this content, as its definition says too."""
    bundle, digest = made.definition.bundles[0], sha256(content).hexdigest()
    (made.folder / bundle.file).unlink()
    (made.folder / file_of(bundle.label, digest)).write_bytes(content)
    return redefined(made, sha256=digest, file=file_of(bundle.label, digest))


def redefined(made, **changes):
    place = made.folder / archive.DEFINITION
    content = json.loads(place.read_text())
    content["bundles"][0] |= changes
    place.write_text(json.dumps(content))
    return open_archive(made.folder)


def relabelled(campaign, label, new, *, other_seeds=False):
    """The runs of an optimizer under another label: the same runs, or with other seeds."""
    runs = [replace(run, label=new) for run in campaign.runs if run.label == label]
    if other_seeds:
        specs = [replace(run.spec, seed=run.spec.seed + 100) for run in runs]
        runs = [replace(run, id=spec.id, spec=spec) for run, spec in zip(runs, specs, strict=True)]
    return replace(campaign, runs=tuple(runs), planned=tuple(PlannedRun.of(run.spec, new) for run in runs))


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
    first = create(tmp_path / "core", [replace(campaign, runs=campaign.runs[::2])], "core")
    whole = add(first, [campaign])
    assert sum(bundle.runs for bundle in whole.definition.bundles) == len(campaign.runs)
    assert add(whole, [campaign]).definition == whole.definition
    assert not list(faults_of(whole))


def test_archives_are_joined(campaign, tmp_path):
    halves = [create(tmp_path / str(i), [replace(campaign, runs=campaign.runs[i::2])], "half") for i in range(2)]
    whole = create(tmp_path / "joined", halves, "core")
    assert whole.definition == create(tmp_path / "core", [campaign], "core").definition
    assert add(halves[0], [halves[1]]).definition.bundles == whole.definition.bundles


def test_the_same_result_from_another_machine_is_no_other_result(campaign, made, tmp_path):
    run = campaign.runs[0]
    content = msgspec.json.decode(run.place.read_bytes(), type=Content)
    there = msgspec.structs.replace(content.environment, linear_algebra=["another"])
    place = tmp_path / f"{run.id}.json"
    place.write_bytes(encode(run.spec, content.result, there, content.timing))
    elsewhere = replace(campaign, runs=(replace(run, place=place),))
    assert add(made, [elsewhere]).definition == made.definition
    (mapped,) = content.result.mappings
    mapped = msgspec.structs.replace(mapped, priorities=[*mapped.priorities[:-1], 0.123])
    place.write_bytes(
        encode(run.spec, msgspec.structs.replace(content.result, mappings=[mapped]), there, content.timing)
    )
    other = replace(campaign, runs=(read_record(place, run.label),))
    with pytest.raises(StorageError, match=r"has another result in .* than in the archive: other mappings"):
        add(made, [other])


def test_a_failed_run_makes_way_for_the_same_run_if_it_is_complete(campaign, tmp_path):
    run = campaign.runs[0]
    content = msgspec.json.decode(run.place.read_bytes(), type=Content)
    place = tmp_path / f"{run.id}.json"
    failed = msgspec.structs.replace(content.result, status="failed", message="broken")
    place.write_bytes(encode(run.spec, failed, content.environment, content.timing))
    made = create(tmp_path / "core", [replace(campaign, runs=(read_record(place, run.label),))], "core")
    assert [each.status for each in made.runs()] == ["failed"]
    assert not list(faults_of(made))
    whole = add(made, [campaign])
    assert {each.status for each in whole.runs()} == {"complete"}
    assert whole.definition == create(tmp_path / "other", [campaign], "core").definition


def test_few_that_are_on_some_problems_alone_are_left_out_of_a_report(campaign, tmp_path):
    first = campaign.runs[0].spec.problem
    some = [run for run in campaign.runs if run.label != "magma" or run.spec.problem == first]
    create(tmp_path / "core", [replace(campaign, runs=tuple(some))], "core")
    tables = make_tables(read_results(tmp_path / "core"))
    assert set(tables.optimizers) == {"random", "deap-stdga"}
    assert set(tables.overall["num_compared"]) == {2}
    assert "Left out of the archive: magma (no results on 1 of the 2 problems)." in warnings_of(tables.campaign)
    alone = make_tables(read_results(tmp_path / "core", only=["optimizer=magma"]))
    assert set(alone.optimizers) == {"magma"}
    there = make_tables(read_results(tmp_path / "core", only=[f"problem={first}"]))
    assert set(there.optimizers) == {"magma", "random", "deap-stdga"}


def test_results_beside_archives_do_not_change_who_of_them_is_left_out(campaign, tmp_path):
    first = campaign.runs[0].spec.problem
    some = [run for run in campaign.runs if run.label != "magma" or run.spec.problem == first]
    create(tmp_path / "core", [replace(campaign, runs=tuple(some))], "core")
    own = replace(campaign, planned=(), runs=())
    others = [replace(run, label=f"{run.label}-{i}") for i in range(5) for run in campaign.runs]
    planned = tuple(PlannedRun.of(run.spec, run.label) for run in (*some, *others))
    both = _without_subsets(replace(own, runs=(*some, *others), planned=planned), [open_archive(tmp_path / "core")])
    assert set(both.left_out) == {"magma"}
    assert "random" in {run.label for run in both.runs}


def test_an_archive_without_whole_black_boxes_is_one_clear_error(campaign, tmp_path):
    first = campaign.runs[0].spec.problem
    half = [run for run in campaign.runs if (run.spec.problem == first) == (run.label == "magma")]
    made = create(tmp_path / "half", [replace(campaign, runs=tuple(half))], "half")
    own = relabelled(campaign, "magma", "mine", other_seeds=True)
    with pytest.raises(StorageError, match=r"expected black boxes with results on all 2 problems that it and .* have"):
        beside(own, made)
    assert beside(own, made, ["magma"]).reference == {"magma"}


def test_records_that_cannot_be_read_are_told(m3e_here, finished_campaign, tmp_path):
    shutil.copytree(finished_campaign, tmp_path / "mine")
    broken = next((tmp_path / "mine" / "records").glob("*magma*"))
    broken.write_text("{")
    made = m3e_here("archive", "create", "reference", "mine")
    assert made.returncode == 0
    assert "11 runs of 3 optimizers" in made.stdout
    assert f"m3e: left out: {broken.stem}" in made.stderr


def test_damage_is_named(made):
    content = place_of(made, "magma").read_bytes()
    for damaged in (content[:-30], b""):
        (told,) = broken(made, "magma", damaged)
        assert "digest differs" in told
    place_of(made, "magma").unlink()
    (told,) = [str(fault) for fault in faults_of(open_archive(made.folder))]
    assert "cannot read" in told


def test_a_bundle_that_cannot_be_unpacked_is_named(made):
    for content in (lzma.compress(b"{}\n" * 3)[:-8], b"PK"):
        (fault,) = faults_of(rewritten(made, content))
        assert "cannot unpack" in str(fault)
        made = open_archive(made.folder)


def test_a_record_that_was_changed_is_named(made):
    records = list(made.records_of(made.definition.bundles[0]))
    best = decode(records[0]).best_value
    text = records[0].replace(json.dumps(best).encode(), json.dumps(best * 0.99).encode())
    assert text != records[0]
    (fault,) = faults_of(rewritten(made, lzma.compress(b"".join([text, *records[1:]]))))
    assert "SHA-256" in fault.actual


def test_a_record_whose_value_is_not_that_of_its_mapping_is_named(campaign, tmp_path):
    run = campaign.runs[0]
    content = msgspec.json.decode(run.place.read_bytes(), type=Content)
    values = [*content.result.trajectory.values[:-1], run.best_value * 0.99]
    (mapped,) = content.result.mappings
    outcome = msgspec.structs.replace(
        content.result,
        best_value=values[-1],
        trajectory=msgspec.structs.replace(content.result.trajectory, values=values),
        mappings=[msgspec.structs.replace(mapped, values=[values[-1]])],
    )
    place = tmp_path / f"{run.id}.json"
    place.write_bytes(encode(run.spec, outcome, content.environment, content.timing))
    made = create(tmp_path / "lies", [replace(campaign, runs=(replace(run, place=place),))], "lies")
    (fault,) = faults_of(made)
    assert run.id in str(fault)


def test_one_who_is_interrupted_leaves_the_archive_as_it_was(campaign, tmp_path, interrupted):
    first = create(tmp_path / "core", [replace(campaign, runs=campaign.runs[::2])], "core")
    with interrupted(), pytest.raises(KeyboardInterrupt):
        add(first, [campaign])
    again = open_archive(first.folder)
    assert again.definition == first.definition
    assert len(list(again.runs())) == len(campaign.runs[::2])
    whole = add(again, [campaign])  # removes what was left behind
    assert not list(faults_of(whole))
    assert sum(bundle.runs for bundle in whole.definition.bundles) == len(campaign.runs)


def test_an_archive_appears_whole_or_not_at_all(campaign, tmp_path, interrupted):
    with interrupted(), pytest.raises(KeyboardInterrupt):
        create(tmp_path / "core", [campaign], "core")
    assert not list(tmp_path.glob("*core*"))
    assert not list(faults_of(create(tmp_path / "core", [campaign], "core")))


def test_files_of_others_stay(made, campaign, tmp_path):
    """Also those that are named like bundles, and bundles of which the definition is lost."""
    mine = made.folder / "mydata.jsonl.xz"
    mine.write_bytes(b"precious")
    add(made, [campaign])
    assert mine.read_bytes() == b"precious"
    there = sorted(place.name for place in made.folder.iterdir() if place.name != archive.DEFINITION)
    (made.folder / archive.DEFINITION).unlink()
    with pytest.raises(StorageError, match=r"there is something in .*: choose another folder, or add"):
        create(made.folder, [campaign], "core")
    assert sorted(place.name for place in made.folder.iterdir()) == there


def test_two_who_add_at_once_both_do(campaign, tmp_path):
    parts = [replace(campaign, runs=campaign.runs[i::4]) for i in range(4)]
    made = create(tmp_path / "core", parts[:1], "core")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda part: add(made, [part]), parts[1:]))
    whole = open_archive(made.folder)
    assert sum(bundle.runs for bundle in whole.definition.bundles) == len(campaign.runs)
    assert not list(faults_of(whole))


def test_the_files_that_problems_name_are_kept(own_campaign, tmp_path):
    """So that values can be evaluated again, and a forged one is found, where the files are not."""
    made = create(tmp_path / "core", [results_in([own_campaign])], "core")
    assert [place.name for place in (made.folder / "files").iterdir()]
    files = list(checked(made))
    assert not [fault for file in files for fault in file.faults]
    assert all(file.is_evaluated for file in files if file.is_run)
    other = create(tmp_path / "other", [made], "other")
    tables = make_tables(read_results(tmp_path / "other"))
    assert tables.runs["lower_bound"].notna().all()
    next((other.folder / "files").iterdir()).write_text("changed")
    assert "digest of the copy" in " ".join(map(str, faults_of(other)))
    with pytest.raises(StorageError, match="is not the file that its name, a digest, says"):
        add(made, [other])
    assert not list(faults_of(made))
    shutil.rmtree(other.folder / "files")
    assert not any(file.is_evaluated for file in checked(other) if file.is_run)


def test_runs_that_cannot_be_evaluated_are_told(m3e_here, own_campaign, tmp_path):
    made = create(tmp_path / "core", [results_in([own_campaign])], "core")
    shutil.rmtree(made.folder / "files")
    said = m3e_here("archive", "verify", "./core").stdout.strip()
    assert said == "./core: 2 runs in 1 bundle, 2 of them not evaluated, as their problem is unknown here, no faults"


def test_an_order_of_results_decides_nothing(campaign, tmp_path):
    """A run that failed here and is complete there, is complete."""
    run = campaign.runs[0]
    content = msgspec.json.decode(run.place.read_bytes(), type=Content)
    places = {}
    for status in ("failed", "cut"):
        result = msgspec.structs.replace(content.result, status=status, message="broken")
        places[status] = tmp_path / status / f"{run.id}.json"
        places[status].parent.mkdir()
        places[status].write_bytes(encode(run.spec, result, content.environment, content.timing))
    others = [replace(campaign, runs=(read_record(place, run.label),)) for place in places.values()]
    whole = create(tmp_path / "whole", [campaign], "core").definition
    for number, order in enumerate(permutations([campaign, *others])):
        assert create(tmp_path / str(number), order, "core").definition == whole
        (found,) = (each for each in together(order).runs if each.id == run.id)
        assert found.status == "complete"
    assert [each.status for each in create(tmp_path / "last", others, "core").runs()] == ["cut"]


def test_a_run_has_one_label(campaign, made, tmp_path):
    alias = relabelled(campaign, "magma", "mine")
    for go in (
        lambda: create(tmp_path / "both", [campaign, alias], "both"),
        lambda: add(made, [alias]),
        lambda: together([campaign, alias]),
    ):
        with pytest.raises(StorageError, match=r"is there under two labels: 'magma' in .*, 'mine' in .*Name the"):
            go()
    assert "mine" not in {bundle.label for bundle in open_archive(made.folder).definition.bundles}


def test_what_has_ones_own_runs_under_another_label_is_left_out_beside_them(campaign, made):
    both = beside(relabelled(campaign, "magma", "mine"), made)
    assert {run.label for run in both.runs} == {"mine", "random", "deap-stdga"}
    assert both.left_out["magma"] == "has the runs that are mine here"
    with pytest.raises(StorageError, match=r"no other runs to compare with: magma has the runs that are mine here"):
        beside(relabelled(campaign, "magma", "mine"), made, ["magma"])
    assert "magma" in {run.label for run in beside(relabelled(campaign, "magma", "mine", other_seeds=True), made).runs}


def test_a_run_is_in_an_archive_once(made):
    bundle = made.definition.bundles[0]
    records = list(made.records_of(bundle))
    twice = rewritten(made, lzma.compress(b"".join([*records, records[-1]])))
    assert "twice" in str(next(iter(faults_of(twice))))
    with pytest.raises(StorageError, match=r"holds run .* twice"):
        twice.campaign()


def test_a_label_has_one_bundle(made):
    place = made.folder / archive.DEFINITION
    content = json.loads(place.read_text())
    content["bundles"].append(content["bundles"][0])
    place.write_text(json.dumps(content))
    with pytest.raises(StorageError, match="expected one bundle a label, got several of 'deap-stdga'"):
        open_archive(made.folder)


def test_the_same_runs_in_two_bundles_are_named(made):
    place = made.folder / archive.DEFINITION
    content = json.loads(place.read_text())
    first = content["bundles"][0]
    file = file_of("other", first["sha256"])
    shutil.copy(made.folder / first["file"], made.folder / file)
    content["bundles"].append(first | {"label": "other", "file": file})
    place.write_text(json.dumps(content))
    found = [str(fault) for fault in faults_of(open_archive(made.folder))]
    assert len(found) == first["runs"]
    assert "label: expected deap-stdga, as before, got other" in found[0]
    with pytest.raises(StorageError, match="two labels"):
        open_archive(made.folder).campaign()


@pytest.mark.parametrize("content", [b"no JSON\n", b"[]\n", b"{}\n", b'{"format": 4}\n', b"null"])
def test_adding_to_what_is_damaged_is_one_clear_error(made, campaign, content):
    damaged = rewritten(made, lzma.compress(content))
    with pytest.raises(StorageError, match=re.escape(str(damaged.folder))):
        add(damaged, [campaign])


def test_other_files_are_named(made):
    (made.folder / "notes.txt").write_text("")
    (fault,) = faults_of(made)
    assert "notes.txt" in str(fault)


def test_a_number_that_does_not_fit_is_named(made):
    (fault,) = faults_of(redefined(made, runs=5))
    assert "runs of deap-stdga: expected 4, got 5" in str(fault)


def test_files_outside_the_folder_are_refused(made):
    with pytest.raises(StorageError, match="names"):
        redefined(made, file="../magma.jsonl.xz")


def test_labels_of_any_kind_have_plain_file_names(hostile_labels):
    for label in ("magma", "MAGMA!", "a/b", "../x", "\N{GREEK SMALL LETTER MU}", *hostile_labels):
        file = file_of(label, "0" * 64)
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*-00000000\.jsonl\.xz", file)


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
    header, *rows, _ = m3e_here("archive", "list", "reference").stdout.splitlines()
    assert header.split() == ["optimizer", "runs", "problems", "seeds", "evaluations", "CPU", "s", "kB"]
    assert [row.split()[0] for row in rows] == ["deap-stdga", "magma", "random"]
    assert {len(row.split()) for row in rows} == {7}  # no row is folded
    assert m3e_here("archive", "add", "reference", "mine").returncode == 0
    place_of(open_archive(tmp_path / "reference"), "magma").write_bytes(b"")
    found = m3e_here("archive", "verify", "reference")
    assert found.returncode == 1
    assert "1 fault" in found.stdout
    again = m3e_here("archive", "create", "reference", "mine")
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
