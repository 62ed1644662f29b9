"""Optuna's ask and tell without the bookkeeping per parameter.

``Study.ask`` with distributions stores the parameters of a trial one by one, copies all of them each time, and checks
what cannot be wrong here; ``Study.tell`` copies the trial. For 200 parameters that takes most of the time. Here the
public methods of the sampler are called in the same order, but a trial is stored once.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Mapping, Sequence

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseGASampler, BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from problems.doors.optuna import highest_of


class LeanStorage(InMemoryStorage):
    """Storage for one sampler in one thread: updates trials in place, and keeps text attributes of the last trial only.

    Samplers store their state as text in trial attributes, and read it back from the last trial only. The obsolete
    states add up: for CMA-ES in 200 dimensions to 2 MB per generation.
    """

    def __init__(self) -> None:
        super().__init__()
        self._newest: dict[str, object] = {}

    def set_trial_system_attr(self, trial_id: int, key: str, value: object) -> None:
        """Set the attribute in place."""
        self.get_trial(trial_id).system_attrs[key] = value

    def drop_outdated_texts(self, trial: FrozenTrial) -> None:
        """Delete the text attributes of earlier trials if the completed ``trial`` has any of its own."""
        if not any(isinstance(value, str) for value in trial.system_attrs.values()):
            return
        for key in [key for key, value in self._newest.items() if isinstance(value, str)]:
            del self._newest[key]
        self._newest = trial.system_attrs


class GenerationStorage(LeanStorage):
    """Storage that shows a sampler with generations only the trials that it may still look at.

    Such samplers look through all trials at every trial, so that a run's time would grow with the square of the
    budget. What counts are the trials since the last but one choice of parents, and the parents chosen last.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[int, FrozenTrial] = {}
        self._old: set[int] = set()

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial, and show it."""
        trial_id = super().create_new_trial(study_id, template_trial)
        self._shown[trial_id] = self.get_trial(trial_id)
        return trial_id

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Set state and values of a trial, which makes a new object of it."""
        changed = super().set_trial_state_values(trial_id, state, values)
        self._shown[trial_id] = self.get_trial(trial_id)
        return changed

    def set_study_system_attr(self, study_id: int, key: str, value: object) -> None:
        """Set the attribute; if it names the parents of a generation, hide the trials that are no longer needed."""
        super().set_study_system_attr(study_id, key, value)  # type: ignore[arg-type]  # its type is private
        if isinstance(value, list):
            for trial_id in self._old.difference(value):
                del self._shown[trial_id]
            self._old = {trial_id for trial_id, trial in self._shown.items() if trial.state.is_finished()}

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Return the trials that are shown."""
        trials = [trial for trial in self._shown.values() if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials


class TrialLoop:
    """Runs a study with one sampler, whose trials all have the same parameters.

    ``ask`` one or more times, then ``tell`` as many, in turn. Proposals are the same as with
    ``Study.ask(distributions)`` and ``Study.tell``.

    Args:
        sampler: The sampler.
        distributions: Distribution of every parameter by its name.
        num_objectives: Values of a trial.
        first: Parameters of the first trials, in place of what the sampler proposes.
    """

    def __init__(
        self,
        sampler: BaseSampler,
        distributions: Mapping[str, BaseDistribution],
        num_objectives: int,
        first: Sequence[Mapping[str, float]] = (),
    ) -> None:
        self._first = iter(first)
        self._sampler = sampler
        self._distributions = dict(distributions)
        self._highest = {name: highest_of(distribution) for name, distribution in distributions.items()}
        self._storage = GenerationStorage() if isinstance(sampler, BaseGASampler) else LeanStorage()
        directions = [StudyDirection.MINIMIZE] * num_objectives
        self._study = optuna.create_study(storage=self._storage, sampler=sampler, directions=directions)
        self._study_id = self._storage.get_study_id_from_name(self._study.study_name)
        self._open: list[int] = []
        self._varied = sum(not distribution.single() for distribution in distributions.values())
        self._search_space: dict[str, BaseDistribution] = {}

    def ask(self) -> dict[str, float]:
        """Return the parameters of a new trial, in the order of the distributions."""
        number = self._study.ask().number  # a trial without parameters
        trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
        self._open.append(trial_id)
        trial = self._storage.get_trial(trial_id)
        if len(self._search_space) < self._varied:  # once it holds all parameters, it stays
            self._search_space = self._sampler.infer_relative_search_space(self._study, trial)
        together = self._sampler.sample_relative(self._study, trial, self._search_space)
        fixed = next(self._first, None)
        if fixed is not None:
            trial.params.update(fixed)
        else:
            for name, highest in self._highest.items():
                trial.params[name] = type(highest)(self._value(trial, name, highest, together.get(name)))
        trial.distributions = self._distributions
        return trial.params

    def _value(self, trial: FrozenTrial, name: str, highest: float, proposed: float | None) -> float:
        """Return the value ``proposed`` by relative sampling if it is in range; otherwise sample independently."""
        if highest == 0:
            return 0
        if proposed is not None and 0 <= proposed <= highest:
            return proposed
        value: float = self._sampler.sample_independent(self._study, trial, name, self._distributions[name])
        return value

    def tell(self, values: list[float]) -> None:
        """Complete the first of the open trials."""
        trial_id = self._open.pop(0)
        trial = self._storage.get_trial(trial_id)
        self._sampler.after_trial(self._study, trial, TrialState.COMPLETE, values)
        self._storage.set_trial_state_values(trial_id, TrialState.COMPLETE, values)
        self._storage.drop_outdated_texts(trial)
