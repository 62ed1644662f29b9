"""How long a mapping takes: three evaluators of the same definition.

``compiled`` is the one in use, ``vectorized`` its plain NumPy twin, ``events`` the paper's event-driven
bandwidth allocator, against which the other two are tested.

Definition (M3E, Kao & Krishna 2022, bandwidth allocator): the running jobs ask for D bytes a cycle in all.
If D <= BW they run at full speed, else each gets a share in proportion to its request, so that all running
jobs slow down by the same factor, jobs that ask for nothing among them. Hence, over virtual (no-stall)
time tau in which every core runs its jobs back to back,

    makespan = integral of max(1, D(tau) / BW) d tau    from 0 to the largest core load.
"""
