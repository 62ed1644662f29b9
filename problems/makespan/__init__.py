"""The makespan of a mapping: three evaluators of the same definition.

``compiled`` is the one in use, ``vectorized`` its plain NumPy counterpart, ``events`` the paper's event-driven
bandwidth allocator, against which the other two are tested.

Definition (M3E, Kao & Krishna 2022, bandwidth allocator): the running jobs request D bytes/cycle in total.
If D <= BW they run at full speed, else each gets a share in proportion to its request, so that all running
jobs slow down by the same factor, including those that request nothing. Hence, over virtual (no-stall)
time tau in which every core runs its jobs back to back,

    makespan = integral of max(1, D(tau) / BW) d tau    from 0 to the largest core load.
"""
