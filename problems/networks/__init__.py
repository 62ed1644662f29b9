"""Real networks, generated layer by layer from their architecture parameters.

Conventions of all generators:

- They count the multiply-accumulates of one forward pass. Embedding look-ups, biases, normalisation, activations,
  element-wise products and pooling have none and are not jobs; pooling only changes extents.
- Embedding look-ups do move bytes: as they are not jobs, a group contains neither their latency nor their traffic.
  The entry of a network states their parameters, apart from the layers.
- CONV and DSCONV layers have the unpadded input extents and the output extents. A fully connected layer is an FFN on
  one sample, and on more a GEMM with m = samples or tokens.
- Attention consists of its GEMMs, without the softmax. Those whose two operands are activations - scores and context,
  and the interactions of recommenders - are ``groups`` of products side by side, one per sample and head.
- `Layer.after` names the layers that produce the inputs of a layer, traced through everything that is not a job; they
  come earlier in the tuple. () stands for the network's input, constants and look-ups alone. The last layer is the only
  output of a network. A residual sum does not name a term that another of its terms needs already.
- A layer without weights of its own has a name that ends in one of `blocks.WEIGHTLESS`; a head that shares the
  weights of the embedding is such a layer.
- Names are unique within a network.

The dimensions that `Network.layers` takes are the same in all networks of a task. Their defaults:

- vision: ``size`` 224, ``batch`` 1.
- language: ``sequence_length`` 128, but 150 in `transformer_xl` and 256 in `xlm`, which were trained with these;
  ``batch`` 1.
- recommendation: ``batch`` 128.
- llm: ``phase`` "prefill" or "decode", by default the former, ``batch`` 1, ``context_length`` 2048, ``blocks`` 1;
  `decoder` says what they mean. One of a model's equal blocks stands for all; `Network.blocks` says how many there are.

`figures_table` compares the counts of the generators with the published figures.

To add a network, write its file (generator and entry) and add the entry to the table below.
"""

from __future__ import annotations

from problems.foundation.registry import Registry
from problems.networks.alexnet import ALEXNET
from problems.networks.bert import BERT_BASE
from problems.networks.deepfm import DEEPFM
from problems.networks.din import DIN
from problems.networks.dlrm import DLRM
from problems.networks.efficientnet import EFFICIENTNET_B0
from problems.networks.figures import Figures, figures_of
from problems.networks.googlenet import GOOGLENET
from problems.networks.gpt2 import GPT2
from problems.networks.llama import LLAMA2_70B, LLAMA3_1_8B
from problems.networks.mixtral import MIXTRAL_8X7B
from problems.networks.mnasnet import MNASNET1_0
from problems.networks.mobilebert import MOBILEBERT
from problems.networks.mobilenet import MOBILENET_V2
from problems.networks.ncf import NCF
from problems.networks.network import MIXED, Network, Task
from problems.networks.qwen import QWEN2_5_7B, QWEN3_30B_A3B
from problems.networks.resnet import RESNET50
from problems.networks.resnext import RESNEXT50_32X4D
from problems.networks.shufflenet import SHUFFLENET_V2
from problems.networks.squeezenet import SQUEEZENET1_1
from problems.networks.t5 import T5_SMALL
from problems.networks.transformer_xl import TRANSFORMER_XL
from problems.networks.vgg import VGG16
from problems.networks.wide_deep import WIDE_DEEP
from problems.networks.xlm import XLM

__all__ = ["MIXED", "NETWORKS", "Figures", "Network", "Task", "figures_table", "network_names"]

_TABLE = (
    ALEXNET,
    VGG16,
    GOOGLENET,
    RESNET50,
    RESNEXT50_32X4D,
    SQUEEZENET1_1,
    MOBILENET_V2,
    MNASNET1_0,
    SHUFFLENET_V2,
    EFFICIENTNET_B0,
    BERT_BASE,
    MOBILEBERT,
    GPT2,
    TRANSFORMER_XL,
    T5_SMALL,
    XLM,
    DLRM,
    WIDE_DEEP,
    NCF,
    DIN,
    DEEPFM,
    LLAMA3_1_8B,
    LLAMA2_70B,
    MIXTRAL_8X7B,
    QWEN2_5_7B,
    QWEN3_30B_A3B,
)

NETWORKS: Registry[Network] = Registry("network")
"""All networks by name, in the order of the table."""

for _entry in _TABLE:
    NETWORKS.add(_entry)


def network_names(task: Task | None = None) -> tuple[str, ...]:
    """Return the names of all networks, or of those of one task."""
    return tuple(entry.name for entry in _TABLE if task is None or entry.task == task)


def figures_table() -> tuple[Figures, ...]:
    """Return the counts and published figures of all networks, in the order of the table."""
    return tuple(figures_of(entry) for entry in _TABLE)
