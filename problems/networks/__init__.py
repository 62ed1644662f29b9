"""Real networks, generated layer by layer from their architecture parameters.

What every generator keeps to:

- Counted are the multiply-accumulates of one forward pass. Embedding look-ups, biases, normalisation, activations,
  element-wise products and pooling make none and are no jobs; pooling only changes extents.
- Embedding look-ups move bytes all the same: as they are no jobs, neither their latency nor their traffic is in a
  group. Their parameters are stated in the entry, apart from the layers.
- CONV and DSCONV carry the unpadded input extents and the output extents. A fully connected layer is an FFN on one
  sample and a GEMM with m = samples or tokens on more.
- Attention is its GEMMs, softmax left out. Those whose two operands are activations - scores and context, and the
  interactions of recommenders - are ``groups`` of products side by side, one a sample and head.
- `Layer.after` names the layers that produce what a layer reads, through all that is no job; those come earlier in the
  tuple. () is the network's input, constants and look-ups alone. The last layer is a network's only output. A residual
  sum names no term that another of its terms needs already.
- A layer without weights of its own has a name that ends in one of `blocks.WEIGHTLESS`; a head whose weights are the
  embedding's is one.
- Names are unique within a network.

The dimensions that `Network.layers` takes are the same in all networks of a task. Their defaults:

- vision: ``size`` 224, ``batch`` 1.
- language: ``sequence_length`` 128, but 150 in `transformer_xl` and 256 in `xlm`, with which they were trained;
  ``batch`` 1.
- recommendation: ``batch`` 128.

`figures_table` sets what the generators count beside what is published.

To add a network, write its file (generator and entry) and enter it in the table below.
"""

from __future__ import annotations

from bench.registry import Registry
from problems.networks.alexnet import ALEXNET
from problems.networks.bert import BERT_BASE
from problems.networks.deepfm import DEEPFM
from problems.networks.din import DIN
from problems.networks.dlrm import DLRM
from problems.networks.efficientnet import EFFICIENTNET_B0
from problems.networks.figures import Figures, figures_of
from problems.networks.googlenet import GOOGLENET
from problems.networks.gpt2 import GPT2
from problems.networks.mnasnet import MNASNET1_0
from problems.networks.mobilebert import MOBILEBERT
from problems.networks.mobilenet import MOBILENET_V2
from problems.networks.ncf import NCF
from problems.networks.network import Network, Task
from problems.networks.resnet import RESNET50
from problems.networks.resnext import RESNEXT50_32X4D
from problems.networks.shufflenet import SHUFFLENET_V2
from problems.networks.squeezenet import SQUEEZENET1_1
from problems.networks.t5 import T5_SMALL
from problems.networks.transformer_xl import TRANSFORMER_XL
from problems.networks.vgg import VGG16
from problems.networks.wide_deep import WIDE_DEEP
from problems.networks.xlm import XLM

__all__ = ["NETWORKS", "Figures", "Network", "Task", "figures_table", "network_names"]

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
)

NETWORKS: Registry[Network] = Registry("network")
"""All networks by name, in the order of the table."""

for _entry in _TABLE:
    NETWORKS.add(_entry)


def network_names(task: Task | None = None) -> tuple[str, ...]:
    """The names of all networks, or of one task's."""
    return tuple(entry.name for entry in _TABLE if task is None or entry.task == task)


def figures_table() -> tuple[Figures, ...]:
    """What every generator counts beside what is published, in the order of the table."""
    return tuple(figures_of(entry) for entry in _TABLE)
