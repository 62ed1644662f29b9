"""Optuna's ask and tell without its bookkeeping for each parameter.

``Study.ask`` with distributions stores the parameters of a trial one by one, copies all of them for each, and checks
what cannot be wrong here; ``Study.tell`` copies the trial. For 200 parameters that is most of the time. Here the
public methods of the sampler are called in the same order, and a trial is stored once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optimizers.adapters.optuna.parameters import highest_of


class LeanStorage(InMemoryStorage):
    """For one sampler in one thread: changes trials in place, and keeps long texts of the last trial only.

    Samplers keep their state as texts in the attributes of trials, read it from the last of them, and leave the
    others for good: CMA-ES at 200 dimensions 2 MB a generation.
    """

    def __init__(self) -> None:
        super().__init__()
        self._newest: dict[str, Any] = {}

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Stored in place."""
        self.get_trial(trial_id).system_attrs[key] = value

    def drop_outdated_texts(self, trial: FrozenTrial) -> None:
        """Forget the texts of trials before ``trial``, which is complete, if it has texts of its own."""
        if not any(isinstance(value, str) for value in trial.system_attrs.values()):
            return
        for key in [key for key, value in self._newest.items() if isinstance(value, str)]:
            del self._newest[key]
        self._newest = trial.system_attrs


class TrialLoop:
    """A study with one sampler, whose trials all have the same parameters.

    ``ask`` and ``tell`` alternate. Proposals are those of ``Study.ask(distributions)`` and ``Study.tell``.
    """

    def __init__(
        self, sampler: BaseSampler, distributions: Mapping[str, BaseDistribution], num_objectives: int
    ) -> None:
        self._sampler, self._distributions = sampler, dict(distributions)
        self._highest = {name: highest_of(distribution) for name, distribution in distributions.items()}
        self._storage = LeanStorage()
        directions = [StudyDirection.MINIMIZE] * num_objectives
        self._study = optuna.create_study(storage=self._storage, sampler=sampler, directions=directions)
        self._study_id = self._storage.get_study_id_from_name(self._study.study_name)
        self._trial_id = -1

    def ask(self) -> dict[str, Any]:
        """The parameters of a new trial, in the order of the distributions."""
        number = self._study.ask().number  # a trial without parameters
        self._trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
        trial = self._storage.get_trial(self._trial_id)
        search_space = self._sampler.infer_relative_search_space(self._study, trial)
        together = self._sampler.sample_relative(self._study, trial, search_space)
        for name, highest in self._highest.items():
            trial.params[name] = type(highest)(self._value(trial, name, highest, together.get(name)))
        trial.distributions = self._distributions
        return trial.params

    def _value(self, trial: FrozenTrial, name: str, highest: float, proposed: Any) -> Any:
        """What was sampled ``together`` with others, if it was and is in range; else a sample by itself."""
        if highest == 0:
            return 0
        if proposed is not None and 0 <= proposed <= highest:
            return proposed
        return self._sampler.sample_independent(self._study, trial, name, self._distributions[name])

    def tell(self, values: list[float]) -> None:
        """The values of the trial asked last."""
        trial = self._storage.get_trial(self._trial_id)
        self._sampler.after_trial(self._study, trial, TrialState.COMPLETE, values)
        self._storage.set_trial_state_values(self._trial_id, TrialState.COMPLETE, values)
        self._storage.drop_outdated_texts(trial)
