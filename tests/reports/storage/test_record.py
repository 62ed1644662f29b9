"""A record reads back as it was written, or not at all."""

import copy
import hashlib
import json
import os
import random
import shutil
import time
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
from optimizers.limits import LARGEST_SEED
from optimizers.result import FullTrace
from problems.foundation.errors import InvalidInput, StorageError
from reports.storage import record as module
from reports.storage.campaign_folder import read_campaign
from reports.storage.content import Environment, Mapped, Outcome, Parts, Timing, Trajectory
from reports.storage.mapping_file import problem_content, problem_from
from reports.storage.record import PARTS, decode, encode, read_record
from reports.storage.spec import RunSpec
from reports.storage.writing import peek, stored_at

ONE = "mix/S2/bw1/g8/i0"
TWO = "mix/S2/bw16/g8/i0/corrected/latency+energy"

ENVIRONMENT = Environment("3.11", "linux", {"numpy": "2"}, "", ["openblas"], {"size": [1, None, "\u00e9"]}, 10)
TIMING = Timing(
    "then", "now", "serial", "here", Parts(0.1, 0.2, 0.3, 0.9, 1.1), [0.1, 0.2], [0.1, 0.3], [(5, 0.5, 0.6)]
)
FRONT = [Mapped([1.0, 4.0], [0, 1], [0.5, 0.25]), Mapped([2.0, 3.0], [1, 1], [0.0, 1.0])]
OUTCOME = Outcome("complete", "", 5, 0.25, Trajectory([1, 4], [None, 0.25]), FRONT)
SPEC = RunSpec(problems.SUITE_VERSION, TWO, "random", {}, 3, 5, 9.0, None, FullTrace.NOTHING)


def sample():
    """A record of two objectives, whose fields a test may change."""
    return json.loads(encode(SPEC, OUTCOME, ENVIRONMENT, TIMING))


def single():
    """A record of one objective."""
    content = sample()
    content["result"] |= {"best_value": 7.0, "mappings": [{"values": [7.0], "cores": [0], "priorities": [0.5]}]}
    content["result"]["trajectory"] = {"evaluations": [1, 2], "values": [9.0, 7.0]}
    return content


def sealed(content):
    """The bytes of a record with these fields and digests that fit."""

    def dumped(part):
        return json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def digest(text):
        return hashlib.sha256(text).hexdigest().encode()

    first = dumped({key: value for key, value in content.items() if key not in ("sha256", "timing")})
    second = dumped({key: value for key, value in content["timing"].items() if key != "sha256"})
    tail = b',"sha256":"%s"}}\n' % digest(second + digest(first))
    return first[:-1] + b',"sha256":"%s","timing":' % digest(first) + second[:-1] + tail


@pytest.fixture
def records(finished_campaign):
    """The records of a finished campaign, by name."""
    return sorted((finished_campaign / "records").glob("*.json"))


# --- what is written is read --------------------------------------------------------------------------------------

texts = st.text(max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
durations = st.floats(0.0, 1e6)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
tables = st.dictionaries(texts, values, max_size=3)
specs = st.builds(
    RunSpec,
    suite_version=st.integers(0, 9),
    problem=texts,
    optimizer=texts,
    parameters=tables,
    seed=st.integers(0, LARGEST_SEED),
    budget=st.integers(1_000, 10**6),
    wall_limit_seconds=st.none() | st.floats(0.1, 1e6),
    cpu_limit_seconds=st.none() | st.floats(0.1, 1e6),
    full_trace=st.sampled_from(FullTrace),
)
environments = st.builds(
    Environment,
    python=texts,
    platform=texts,
    versions=st.dictionaries(texts, texts, max_size=3),
    commit=texts,
    linear_algebra=st.lists(texts, max_size=2),
    settings=tables,
    first_population=st.none() | st.integers(0, 100),
    vector_instructions=st.none() | st.lists(texts, max_size=2),
)


@st.composite
def outcomes(draw):
    """Outcomes with their trajectory, of one objective or two, and perhaps without a mapping that can run."""
    falling = sorted(draw(st.lists(numbers, max_size=5, unique=True)), reverse=True)
    best = falling[-1] if falling else None
    found = [None, *falling] if draw(st.booleans()) else falling
    evaluations = sorted(draw(st.sets(st.integers(1, 1_000), min_size=len(found), max_size=len(found))))
    jobs, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    two = draw(st.booleans())
    points = [[float(i), float(-i)] for i in range(size)] if two else [[best]]
    cores = st.lists(st.integers(0, 63), min_size=jobs, max_size=jobs)
    priorities = st.lists(numbers, min_size=jobs, max_size=jobs)
    mappings = [Mapped(point, draw(cores), draw(priorities)) for point in points if best is not None]
    status = draw(st.sampled_from(module.STATUSES))
    return Outcome(status, "why", 1_000, best, Trajectory(evaluations, found), mappings)


@st.composite
def timings(draw, improvements):
    """Timings of a trajectory of so many improvements."""
    seconds = st.lists(durations, min_size=improvements, max_size=improvements)
    checkpoints = draw(st.lists(st.tuples(st.integers(0, 1_000), durations, durations), max_size=3))
    parts = Parts(*(draw(durations) for _ in PARTS))
    return Timing(draw(texts), draw(texts), draw(texts), draw(texts), parts, draw(seconds), draw(seconds), checkpoints)


@given(specs, environments, outcomes(), st.none() | tables, st.data())
def test_what_is_encoded_is_decoded(spec, environment, outcome, problem, data):
    timing = data.draw(timings(len(outcome.trajectory.values)))
    content = encode(spec, outcome, environment, timing, problem)
    run = decode(content, "label")
    nan = [np.nan if value is None else value for value in outcome.trajectory.values]
    assert (run.spec, run.id, run.label, run.problem) == (spec, spec.id, "label", problem)
    assert run.environment == msgspec.to_builtins(environment)
    assert (run.status, run.message, run.num_evaluations) == (outcome.status, "why", 1_000)
    assert run.best_value == outcome.best_value or (outcome.best_value is None and np.isnan(run.best_value))
    assert run.trace_evaluations.tolist() == outcome.trajectory.evaluations
    assert np.array_equal(run.trace_values, nan, equal_nan=True)
    assert run.trace_seconds.tolist() == timing.trajectory_seconds
    assert run.trace_cpu_seconds.tolist() == timing.trajectory_cpu_seconds
    assert run.checkpoints.tolist() == [list(map(float, row)) for row in timing.checkpoints]
    assert run.seconds == msgspec.to_builtins(timing.seconds)
    assert len(run.front_values) == len(outcome.mappings)
    for mapping, own in zip(outcome.mappings, range(len(run.front_values)), strict=True):
        assert run.front_values[own].tolist() == mapping.values
        assert run.front_cores[own].tolist() == mapping.cores
        assert run.front_priorities[own].tolist() == mapping.priorities
    assert peek(content).status == outcome.status
    assert peek(content).seconds == timing.seconds.total


@given(specs, environments, st.none() | tables)
def test_the_canonical_part_does_not_depend_on_the_times(spec, environment, problem):
    spec = replace(spec, problem=TWO)
    late = msgspec.structs.replace(TIMING, started="later", host="elsewhere", trajectory_seconds=[7.0, 8.0])
    one, other = (encode(spec, OUTCOME, environment, timing, problem) for timing in (TIMING, late))
    assert one != other
    assert one[: one.rfind(b',"timing":')] == other[: other.rfind(b',"timing":')]


def test_the_digests_are_those_of_the_recipe_in_the_documentation(records):
    recipe = "\n".join(line[4:] for line in module.__doc__.splitlines() if line.startswith("    "))
    assert recipe.count("assert ") == 2
    for path in records:
        record = json.loads(path.read_text(encoding="utf-8"))
        exec(recipe, {"json": json, "hashlib": hashlib, "record": record})
        record["result"]["num_evaluations"] -= 1
        with pytest.raises(AssertionError):
            exec(recipe, {"json": json, "hashlib": hashlib, "record": record})


def test_a_record_is_json_without_blanks_and_infinities_that_ends_with_a_line_feed(records):
    for path in records:
        content = path.read_bytes()
        found = json.loads(content, parse_constant=pytest.fail)
        assert content.count(b"\n") == 1
        assert content == sealed(found)
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(SPEC, msgspec.structs.replace(OUTCOME, best_value=float("nan")), ENVIRONMENT, TIMING)


def test_a_run_that_found_no_mapping_that_can_run_reads_back():
    nothing = Outcome("complete", "", 5, None, Trajectory([1], [None]), [])
    timing = msgspec.structs.replace(TIMING, trajectory_seconds=[0.1], trajectory_cpu_seconds=[0.1])
    run = decode(encode(SPEC, nothing, ENVIRONMENT, timing))
    assert np.isnan(run.best_value)
    assert np.isnan(run.trace_values).all()
    assert len(run.front_values) == len(run.front_cores) == len(run.front_priorities) == 0
    assert run.cores.size == run.priorities.size == 0


def test_a_record_of_a_problem_with_its_job_table_rebuilds_it():
    content = problem_content(problems.get(TWO))
    run = decode(encode(SPEC, OUTCOME, ENVIRONMENT, TIMING, content))
    again = problem_from(run.problem)
    cores, priorities = np.zeros(again.num_jobs, int), np.linspace(0.0, 0.9, again.num_jobs)
    assert again.evaluate(cores, priorities).tolist() == problems.get(TWO).evaluate(cores, priorities).tolist()


@pytest.mark.parametrize("text", ["\x1b[31m", "a\nb", "x" * 10**6, "[/red]", ""])
def test_texts_of_records_are_made_printable(text):
    content = sample()
    content["result"]["message"] = content["timing"]["host"] = text
    run = decode(sealed(content))
    assert all(shown.isprintable() and len(shown) <= 1_000 for shown in (run.message, run.timing["host"]))


def test_what_json_cannot_hold_in_a_text_does_not_spoil_the_record():
    environment = msgspec.structs.replace(ENVIRONMENT, settings={"a": "b\ud800"})
    run = decode(encode(SPEC, OUTCOME, environment, msgspec.structs.replace(TIMING, host="c\udfff")))
    assert (run.environment["settings"], run.timing["host"]) == ({"a": "b?"}, "c?")


# --- what does not fit is refused ---------------------------------------------------------------------------------

WRONG = {
    "format": [3, "4", None, True],
    "id": ["another", None, 7],
    "sha256": [],
    "problem": [[], "mix"],
    "environment": [[], None],
    "environment.python": [3, None],
    "environment.platform": [None],
    "environment.versions": [[], {"numpy": 2}],
    "environment.commit": [None],
    "environment.linear_algebra": ["openblas", [1]],
    "environment.settings": [[], None],
    "environment.first_population": [-1, True, 1.5, "all"],
    "environment.vector_instructions": ["AVX2", [1]],
    "result": [None, []],
    "result.status": ["unfinished", ["complete"], None],
    "result.message": [None, ["a"]],
    "result.num_evaluations": [-1, True, 10**18, 10**400, 2.5, float("nan"), 3],
    "result.best_value": [100.0, -5, None, "low", True, float("nan"), float("inf")],
    "result.trajectory": [None, [], {}],
    "result.trajectory.evaluations": [[1], [4, 1], [1, 1], [0, 4], [1, 6], {}, "ab", [True, 4], [1, 10**30]],
    "result.trajectory.values": [[], [0.25, 0.25], [0.2, 0.25], [1.0, None], [None, None], [None, float("nan")]],
    "result.mappings": [None, [], {}],
    "result.trace_sha256": ["abc", 7, "G" * 64],
    "spec": [None, []],
    "spec.suite_version": ["0", False, -1],
    "spec.problem": [3, "mix/S1/bw1/g8/i0"],
    "spec.optimizer": [None, "magma"],
    "spec.parameters": [[], {"a": 1}],
    "spec.seed": [True, -1, 4, "3"],
    "spec.budget": [10**18, 0, True, 6],
    "spec.wall_limit_seconds": ["soon", 0, -1.0, True, float("nan"), None],
    "spec.cpu_limit_seconds": ["soon", 0, 7.0],
    "spec.full_trace": ["all", None, "values"],
    "timing.started": [None, 3],
    "timing.ended": [None],
    "timing.engine": [None],
    "timing.host": [[]],
    "timing.seconds": ["long", None, {}],
    "timing.trajectory_seconds": [[], [0.1], [0.1, -1.0], [0.1, None], [0.1, float("nan")], [0.1, float("inf")]],
    "timing.trajectory_cpu_seconds": [[], [0.1, "a"], [True, False]],
    "timing.checkpoints": [[[1, -1, 0]], [[1, float("nan"), 0]], [[[]]], [[1, 2]], [[1, 2, 3, 4]], [[10**400, 1, 1]]],
    **{f"timing.seconds.{part}": [None, True, -1.0, float("inf"), "long"] for part in PARTS},
}
"""Values that no field may have, by its place; the sample has others."""


def place_of(content, path):
    *parents, name = path.split(".")
    for parent in parents:
        content = content[parent]
    return content, name


@pytest.mark.parametrize("path", WRONG)
def test_a_field_of_another_type_or_value_is_refused_with_its_name(path, tmp_path):
    for wrong in WRONG[path]:
        content = sample()
        parent, name = place_of(content, path)
        parent[name] = wrong
        expected = _named(path)
        with pytest.raises(InvalidInput) as raised:
            decode(sealed(content))
        assert any(text in str(raised.value) for text in expected), (path, wrong, str(raised.value))
        (tmp_path / "changed.json").write_bytes(sealed(content))
        with pytest.raises(StorageError, match=r"changed\.json is (damaged|of another format)"):
            read_record(tmp_path / "changed.json")


def _named(path):
    """What an error may call a field: by its name, or a consequence of a value that is possible in itself."""
    name = path.rpartition(".")[2]
    consequences = {
        "spec": ["the id of the specification", "run specification"],
        "best_value": ["last value", "mapping that can run"],
        "mappings": ["mapping that can run"],
        "trajectory_seconds": ["number of seconds in the trajectory"],
        "trajectory_cpu_seconds": ["number of CPU seconds in the trajectory"],
        "evaluations": ["number of values in the trajectory", "trajectory: evaluations"],
        "values": ["trajectory: last value"],
        "num_evaluations": ["trajectory: evaluations"],
    }
    own = consequences.get("spec" if path.startswith("spec.") else name, [])
    malformed = ["malformed", "JSON is malformed", "out of range"]  # NaN and numbers that no float holds
    return [name, *own, *malformed]


def fields_of(content, path=""):
    """All places of the fields of a record."""
    for key, value in content.items():
        own = f"{path}.{key}" if path else key
        yield own
        if isinstance(value, dict) and own not in ("environment.versions", "environment.settings", "spec.parameters"):
            yield from fields_of(value, own)


def test_a_key_that_is_missing_or_unknown_is_refused():
    optional = {"environment.vector_instructions", "result.trace_sha256", "sha256", "timing", "timing.sha256"}
    for path in [own for own in fields_of(sample()) if own not in optional]:
        content = sample()
        parent, name = place_of(content, path)
        del parent[name]
        with pytest.raises(InvalidInput, match=name):
            decode(sealed(content))
    for path in ("new", "environment.new", "result.new", "result.trajectory.new", "spec.new", "timing.new"):
        content = sample()
        parent, name = place_of(content, path)
        parent[name] = 1
        with pytest.raises(InvalidInput, match=r"new|nine keys"):
            decode(sealed(content))


def test_a_record_from_before_vector_instructions_were_named_does_not_know_them():
    content = sample()
    del content["environment"]["vector_instructions"]
    assert decode(sealed(content)).environment["vector_instructions"] is None


def wrong_fronts():
    """Mappings of two objectives that are no front, or do not fit each other."""
    first, second = sample()["result"]["mappings"]
    worse = first | {"values": [2 * value for value in first["values"]]}
    yield [second, first]
    yield [first, second, worse]
    yield [first, first, second]
    yield [{**first, "cores": first["cores"][1:]}, second]
    yield [first, {**second, "priorities": second["priorities"] * 2}]
    yield [first, {**second, "values": second["values"][:1]}]
    yield [first, {**second, "values": [None, 1.0]}]
    yield [first, {**second, "values": [1.0, 2.0, 3.0]}]
    yield [first, {**second, "cores": [-1, 0]}]
    yield [first, {**second, "cores": [True, False]}]
    yield [first, {**second, "cores": [2**70, 0]}]
    yield [first, {**second, "cores": [2**63, 0]}]
    yield [first, {**second, "priorities": [float("nan"), 0.0]}]
    yield [first, {**second, "more": 1}]
    yield [{key: first[key] for key in ("cores", "priorities")}, second]
    yield [[], second]


@pytest.mark.parametrize("mappings", list(wrong_fronts()))
def test_a_front_that_is_none_is_refused(mappings):
    content = sample()
    content["result"]["mappings"] = mappings
    with pytest.raises(InvalidInput, match=r"mapping|malformed|out of range|Expected|missing|unknown"):
        decode(sealed(content))


def test_one_objective_has_one_mapping_with_the_best_value():
    assert decode(sealed(single())).best_value == 7.0
    for change in ([8.0], [7.0, 1.0]):
        content = single()
        mapping = content["result"]["mappings"][0]
        other = mapping | {"values": change}
        content["result"]["mappings"] = [other] if len(change) == 1 else [mapping, mapping]
        with pytest.raises(InvalidInput, match="mapping"):
            decode(sealed(content))


def test_parameters_of_many_levels_are_refused_and_crash_nothing(tmp_path):
    deep = json.loads("[" * 300 + "]" * 300)
    content = sample()
    for levels in (deep, json.loads("[" * 450 + "]" * 450)):
        content["spec"]["parameters"] = {"deep": levels}
        (tmp_path / "deep.json").write_bytes(sealed(content))
        with pytest.raises(StorageError, match=r"deep\.json is damaged"):
            read_record(tmp_path / "deep.json")


@pytest.mark.parametrize("found", [3, 5, None, "4"])
def test_another_format_is_refused_with_one_sentence(records, found):
    record = json.loads(records[0].read_bytes())
    for content in (json.dumps(record | {"format": found}).encode(), sealed(record | {"format": found})):
        records[0].write_bytes(content)
        with pytest.raises(StorageError, match=r"is of another format: expected 4, got .*\. Read it with the version"):
            read_record(records[0])
        assert stored_at(records[0]) is None or content == sealed(record | {"format": found})


def test_a_record_with_many_digests_is_refused_soon(tmp_path):
    digest = b',"sha256":"' + b"0" * 64 + b'","timing":{'
    (tmp_path / "many.json").write_bytes(b"{" + 30_000 * digest)
    start = time.monotonic()
    with pytest.raises(StorageError, match=r"many\.json is damaged"):
        read_record(tmp_path / "many.json")
    assert time.monotonic() - start < 5.0


@pytest.mark.parametrize("kind", ["nested", "empty", "pipe", "device", "link to a device", "folder", "nothing"])
def test_a_file_of_another_kind_is_a_damaged_record(finished_campaign, records, kind):
    path = records[0]
    path.unlink()
    if kind in ("nested", "empty"):
        path.write_text("[" * 100_000 if kind == "nested" else "")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "nothing":
        path.symlink_to("/dev/zero")
    with pytest.raises(StorageError) as raised:
        read_record(path)
    assert str(raised.value).count(path.name) == 1
    assert stored_at(path) is None
    assert len(read_campaign(finished_campaign).runs) == 11


# --- what was changed is refused ----------------------------------------------------------------------------------


def flip(content, rng):
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def truncate(content, rng):
    return content[: rng.randrange(len(content))]


def double(content, rng):
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randint(1, 30))
    return content[:end] + content[start:end] + content[end:]


def delete(content, rng):
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randint(1, 30) :]


def change_digit(content, rng):
    place = rng.choice([i for i, byte in enumerate(content) if chr(byte).isdigit()])
    other = rng.choice([digit for digit in b"0123456789" if digit != content[place]])
    return content[:place] + bytes([other]) + content[place + 1 :]


DAMAGES = (flip, truncate, double, delete, change_digit)


def paste(content, other, key, *, inside="result"):
    """The record with the mappings or the timing of another, text by text."""
    one, two = json.loads(content), json.loads(other)
    own, foreign = (found if key == "timing" else found[inside] for found in (one, two))
    before, after = (json.dumps(part[key], separators=(",", ":"), ensure_ascii=False) for part in (own, foreign))
    pasted = content.replace(before.encode(), after.encode())
    assert pasted != content
    return pasted


def test_no_change_of_the_bytes_of_records_goes_unnoticed(finished_campaign, records):
    rng, number = random.Random(0), 0
    originals = {path: path.read_bytes() for path in records}
    while number < 2_400:
        for path, content in originals.items():
            damaged = rng.choice(DAMAGES)(content, rng)
            path.write_bytes(damaged)
            number += damaged != content
            with pytest.raises(StorageError, match=path.name):
                read_record(path)
            assert stored_at(path) is None
        stored = read_campaign(finished_campaign)
        assert stored.runs == ()
        assert sorted(stored.unreadable) == [path.stem for path in records]
    for path, content in originals.items():
        path.write_bytes(content)
    assert len(read_campaign(finished_campaign).runs) == 12


@pytest.mark.parametrize("key", ["timing", "mappings", "trajectory"])
def test_parts_of_one_record_in_another_are_noticed(finished_campaign, records, key):
    first, *others = (path.read_bytes() for path in records)
    for other in others:
        if json.loads(other)["result"].get(key) == json.loads(first)["result"].get(key, 0):
            continue
        records[0].write_bytes(paste(first, other, key))
        with pytest.raises(StorageError, match=records[0].name):
            read_record(records[0])
        assert stored_at(records[0]) is None
    assert list(read_campaign(finished_campaign).unreadable) == [records[0].stem]


def test_the_timing_of_a_run_with_as_many_improvements_is_noticed():
    other = msgspec.structs.replace(TIMING, host="elsewhere")
    one = encode(SPEC, OUTCOME, ENVIRONMENT, TIMING)
    two = encode(replace(SPEC, seed=4), OUTCOME, ENVIRONMENT, other)
    with pytest.raises(InvalidInput, match="SHA-256 of the timing"):
        decode(paste(one, two, "timing"))


def test_two_records_that_are_swapped_are_noticed(finished_campaign, records):
    one, two = records[0].read_bytes(), records[7].read_bytes()
    records[0].write_bytes(two)
    records[7].write_bytes(one)
    stored = read_campaign(finished_campaign)
    assert len(stored.runs) == 10
    assert sorted(stored.unreadable) == sorted([records[0].stem, records[7].stem])
    assert all("holds another run" in message for message in stored.unreadable.values())


# --- full traces --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _traced(run_campaign, tmp_path_factory):
    text = f'problems = ["{ONE}"]\noptimizers = ["magma", "nevergrad-pso"]\nseeds = 1\nbudget = 150\n'
    return run_campaign(text + 'full_trace = "mappings"\n', tmp_path_factory.mktemp("traced"), "traced")


@pytest.fixture
def traced(_traced, tmp_path):
    return shutil.copytree(_traced, tmp_path / "traced")


def test_mappings_are_stored_on_demand_as_they_were_evaluated(traced):
    p = problems.get(ONE)
    for run in read_campaign(traced).runs:
        trace = run.full_trace()
        assert trace["cores"].shape == trace["priorities"].shape == (150, p.num_jobs)
        assert p.evaluate(trace["cores"], trace["priorities"].astype(float)) == pytest.approx(trace["values"])
        assert trace["values"].min() == run.best_value


def test_a_full_trace_that_is_missing_cut_or_changed_is_refused(traced):
    run, other = read_campaign(traced).runs
    path = run.place.with_suffix(".npz")
    content = path.read_bytes()
    rng = random.Random(0)
    changed = [damage(content, rng) for damage in DAMAGES for _ in range(20)]
    for wrong in [b"", b"PK", other.place.with_suffix(".npz").read_bytes(), *changed]:
        path.write_bytes(wrong)
        with pytest.raises(StorageError, match=rf"full trace .*{path.name} is damaged"):
            run.full_trace()
    path.unlink()
    with pytest.raises(StorageError, match=f"cannot read .*{path.name}"):
        run.full_trace()
    path.write_bytes(content)
    assert len(run.full_trace()["values"]) == 150


def test_a_full_trace_whose_digest_fits_and_that_is_none_is_refused(traced):
    run = read_campaign(traced).runs[0]
    run.place.with_suffix(".npz").write_bytes(b"PK\x03\x04 no archive")
    digest = hashlib.sha256(b"PK\x03\x04 no archive").hexdigest()
    with pytest.raises(StorageError, match="is damaged"):
        replace(run, trace_sha256=digest).full_trace()


def test_a_run_without_a_full_trace_has_none(finished_campaign):
    assert all(run.full_trace() == {} for run in read_campaign(finished_campaign).runs)


# --- specifications -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"seed": True},
        {"seed": -1},
        {"budget": 10**18},
        {"budget": 0},
        {"wall_limit_seconds": "soon"},
        {"wall_limit_seconds": 0},
        {"full_trace": "all"},
        {"suite_version": False},
    ],
)
def test_fields_of_a_specification_have_their_types(change):
    content = RunSpec(problems.SUITE_VERSION, "mix/S1/bw1/g8/i0", "random", {}, 0, 5).to_json()
    assert RunSpec.from_json(copy.deepcopy(content)).to_json() == content
    with pytest.raises(InvalidInput, match=next(iter(change))):
        RunSpec.from_json(content | change)
