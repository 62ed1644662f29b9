"""The campaigns ``core`` and ``dev`` hold what their rule chooses, of instances for claims and for tuning."""

import itertools
import sys

import pytest

import problems
from bench.campaigns.reading import campaign_names, load_campaign

TASKS = ("vision", "language", "recommendation", "mix")
PLATFORMS = ("S1", "S2", "S3", "S4", "S5", "S6")
FAMILIES = (
    *((task, platform, "g100", "") for task, platform in itertools.product(TASKS, PLATFORMS)),
    *(("mix", platform, jobs, "") for platform in ("S2", "S5") for jobs in ("g20", "g500")),
    *((task, platform, "g100", "/dep") for task in ("language", "mix") for platform in ("S2", "S4")),
)
INSTANCES = {"core": (0, 1, 2), "dev": (100, 101, 102)}
LEAST_LEVEL = 1.10


def bandwidths(task, platform):
    """The family's place in a Latin square of tasks and platforms over three bandwidths, then the lower ones."""
    low, high = problems.PLATFORMS.get(platform).bandwidths_gbps
    three = (low, (low * high) ** 0.5, high)
    place = (TASKS.index(task) + PLATFORMS.index(platform)) % 3
    return three[place::-1]


def chosen(family, instances):
    """The id that the rule chooses of a family, or None."""
    task, platform, jobs, option = family
    for bandwidth in bandwidths(task, platform):
        found = []
        for instance in instances:
            problem_id = f"{task}/{platform}/bw{bandwidth:g}/{jobs}/i{instance}{option}"
            facts = problems.facts_of(problems.get(problem_id))
            if facts.random_level >= LEAST_LEVEL:
                found.append((round(facts.longest_job_share, 6), instance, problem_id))
        if found:
            return min(found)[-1]
    return None


def family_of(problem_id):
    task, platform, _, jobs, _, *options = problem_id.split("/")
    return task, platform, jobs, f"/{options[0]}" if options else ""


@pytest.mark.parametrize(("name", "families"), [("core", FAMILIES), ("dev", FAMILIES[::5])])  # the rule takes a while
def test_a_campaign_is_what_its_rule_chooses(name, families):
    """Of each family at most one instance, in the order of the families."""
    held = {family_of(problem_id): problem_id for problem_id in load_campaign(name).problems}
    assert list(held) == [family for family in FAMILIES if family in held]
    assert list(held.values()) == list(load_campaign(name).problems)
    for family in families:
        assert held.get(family) == chosen(family, INSTANCES[name])


@pytest.mark.parametrize("problem_id", [each for name in INSTANCES for each in load_campaign(name).problems])
def test_no_instance_is_degenerate(problem_id):
    facts = problems.facts_of(problems.get(problem_id))
    assert facts.separates
    assert facts.random_level >= LEAST_LEVEL


def test_instances_for_tuning_are_in_dev_alone():
    tuning = {
        name: [problems.parse_id(each).for_tuning for each in load_campaign(name).problems] for name in campaign_names()
    }
    assert all(tuning.pop("dev"))
    assert not any(any(own) for own in tuning.values())


def test_core_is_diverse():
    parts = [problems.parse_id(problem_id) for problem_id in load_campaign("core").problems]
    assert {p.task for p in parts} == set(TASKS)
    assert {p.platform for p in parts} == set(PLATFORMS)
    assert {p.dependent for p in parts} == {True, False}
    assert len({p.num_jobs for p in parts}) == 3
    assert len({p.bandwidth_gbps for p in parts}) == 4


if __name__ == "__main__":  # prints the list for the campaign's file
    for each in FAMILIES:
        print(f'  "{chosen(each, INSTANCES[sys.argv[1]])}",')
