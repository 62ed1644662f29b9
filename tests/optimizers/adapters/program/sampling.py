#!/usr/bin/env python3
"""Random search that speaks the protocol of optimizers/adapters/program/protocol.md, some mappings an ask."""

import json
import random
import sys

space = json.loads(sys.stdin.readline())
assert space["version"] == 1
draw = random.Random(space["seed"])
batch = space["parameters"].get("batch", 1)


def mapping():
    jobs = range(space["num_jobs"])
    return {"cores": [draw.randrange(space["num_cores"]) for _ in jobs], "priorities": [draw.random() for _ in jobs]}


for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "ask":
        print(json.dumps({"mappings": [mapping() for _ in range(batch)]}), flush=True)
    elif message["type"] == "end":
        break
