"""The campaign ``quick`` holds what its rule chooses, which names no optimizer but random search."""

import itertools

import problems
from bench.campaigns.reading import load_campaign

TASKS = ("vision", "language", "recommendation", "mix")
GROUPS = ("S3/bw4/g50", "S2/bw1/g50")
INSTANCES = 10


def chosen(task, group):
    """The instance on which random search is farthest from the certified bound."""
    ids = [f"{task}/{group}/i{instance}" for instance in range(INSTANCES)]
    return max(ids, key=lambda problem_id: problems.facts_of(problems.get(problem_id)).random_level)


def test_quick_is_what_its_rule_chooses():
    expected = [chosen(task, group) for task, group in itertools.product(TASKS, GROUPS)]
    assert list(load_campaign("quick").problems) == expected


if __name__ == "__main__":  # prints the list for the campaign's file
    for each in itertools.product(TASKS, GROUPS):
        print(f'  "{chosen(*each)}",')
