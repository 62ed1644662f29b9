"""Which groups of the task ``llm`` tell optimizers apart, and what the cost models see of a generated token.

``python tests/trials/llm.py`` prints for each platform, bandwidth and cost model the best of 1,000 random mappings as a
multiple of the certified bound, in three instances, and how much of the bound the longest job takes in the first. Below
1.02 no optimizers can be told apart. Then it prints, for a decode step of each whole model on a core, the bytes that it
must read, and the bytes (latency x bandwidth) and cycles that the models count.
"""

import problems
from problems.costs import cost_model
from problems.networks import network_names

MODELS = ("maestro", "corrected")
BANDWIDTHS = {name: (1, 4, 16) if name in ("S1", "S2") else (1, 16, 256) for name in problems.PLATFORMS.names()}


def print_facts():
    print(f"{'':13}" + "".join(f"{model + ': i0, i1, i2':>25}{'longest':>8}" for model in MODELS))
    for platform, bandwidths in BANDWIDTHS.items():
        for bandwidth in bandwidths:
            cells = [facts_cell(f"llm/{platform}/bw{bandwidth}/g100", model) for model in MODELS]
            print(f"{platform}, {bandwidth:3d} GB/s " + "".join(cells), flush=True)


def facts_cell(group, model):
    facts = [problems.facts_of(problems.get(f"{group}/i{i}/{model}")) for i in range(3)]
    levels = " ".join(f"{each.random_level:7.3f}" for each in facts)
    return f"{levels:>25}{facts[0].longest_job_share:8.0%}"


def print_decode_steps():
    core = problems.PLATFORMS.get("S2").cores[0]
    print(f"\na decode step on {core}: weights and KV cache, and what the models count")
    print(f"{'':13}{'read, GB':>9}" + "".join(f"{model + ', GB':>14}{'M cycles':>10}" for model in MODELS))
    for name in network_names("llm"):
        network = problems.NETWORKS.get(name)
        layers = network.layers(phase="decode", blocks=network.blocks)
        read = sum(layer.groups * layer.K * layer.C for layer in layers)
        cells = [decode_cell(cost_model(model).costs(layers, core)) for model in MODELS]
        print(f"{name:13}{read / 1e9:9.3f}" + "".join(cells))


def decode_cell(costs):
    volume = (costs.latency_cycles * costs.bandwidth).sum()
    return f"{volume / 1e9:14.4f}{costs.latency_cycles.sum() / 1e6:10.1f}"


if __name__ == "__main__":
    print_facts()
    print_decode_steps()
