"""
With Gymnasium
==============

The environment ``m3e/Mapping-v0`` places the jobs of a problem one by one: an action is the core and the priority level
of the next job. The reward is 0 until the last job, then the negative makespan in multiples of a random mapping's.
"""

# %%
import gymnasium

import problems

p = problems.get("mix/S2/bw1/g20/i0")
env = gymnasium.make("problems.doors.gymnasium:m3e/Mapping-v0", problem=p)
print(env.action_space, env.observation_space.shape)

# %%
# Observations are, for each core, the log latency of the next job, its share of the bandwidth and the load so far, then
# the share of jobs placed. This agent takes the core with the least of load and latency, and one level for all.
observation, info = env.reset(seed=0)
done = False
while not done:
    latency, load = observation[: p.num_cores], observation[2 * p.num_cores : 3 * p.num_cores]
    action = [int((load + latency / 10).argmin()), 0]
    observation, reward, done, _, info = env.step(action)
print(f"reward {reward:.3f}, makespan {info['value']:.6g} cycles")

# %%
# The last ``info`` holds the mapping, and its value is that of the suite.
assert info["value"] == p.evaluate(info["cores"], info["priorities"])
print("the same number:", info["value"] == p.evaluate(info["cores"], info["priorities"]))
