"""How other libraries see a mapping, a library a module, and what makes a problem theirs.

    nevergrad.experiment_function(problem)   an ``ExperimentFunction``
    optuna.objective(problem)                an objective for ``study.optimize``
    optunahub.problem(problem)               a ``BaseProblem``
    deap.toolbox(problem)                    a ``Toolbox``
    pymoo.problem(problem)                   a ``Problem``
    ioh.problem(problem)                     what ``ioh.wrap_problem`` returns
    unit_cube.function(problem)              a callable, for SciPy and pycma
    batch.function(problem)                  a callable on whole batches, for PyTorch and JAX
    gymnasium                                an environment, by ``gymnasium.make``

Each returns the numbers of ``problem.evaluate``. A ``problem`` is what ``problems.get`` returns, or anything like it.
"""
