"""Making the default embedder here: a static model distilled from the transformer (MinishLab/model2vec)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from lrev.errors import MachineError
from lrev.manifest import DistilledSource, Manifest, ModelSpec, Role
from lrev.model.store import WEIGHTS, State, locate, locked, place, record, sha256_of, verify
from lrev.paths import models_directory
from lrev.seal import seal

# Model libraries must not look for newer files: there is no network, and a changed file would not be the verified one.
# Their progress bars and load reports are not ours to show.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "TQDM_DISABLE": "1",
}


# Threads that spin while they wait take the time of whatever else runs: beside two busy processes on two cores,
# distilling took 131 s with spinning threads and 25 to 45 s without, with the same bytes for a result.
_WAITING = ("OMP_WAIT_POLICY", "PASSIVE")


def distil(spec: ModelSpec, manifest: Manifest, fetch: Callable[[ModelSpec], Path], say: Callable[[str], None]) -> Path:
    """Distils `spec` from its teacher, which `fetch` brings here, unless it is here; seals the process if it must.

    The same teacher and library versions give the same bytes on one machine; another machine's linear algebra may
    differ in the last bit, which is why the hash is recorded here and not in models.toml.
    """
    assert isinstance(spec.source, DistilledSource)
    with locked(spec.name, lambda: say(f"another process is making '{spec.name}'; waiting for it")):
        if verify(spec, remembered=True).state is State.READY:
            return place(spec)
        teacher = manifest.get(spec.source.teacher, Role.EMBEDDER)
        fetch(teacher)
        folder = locate(teacher)
        seal()  # all that is needed is here: the libraries that come now get no network
        say(f"distilling '{spec.name}' from '{teacher.name}', once")
        os.environ.update(OFFLINE)
        os.environ.setdefault(*_WAITING)
        aside = models_directory() / f"{spec.filename}.making"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            _distil(folder, aside, spec.dimension)
        except OSError as error:
            raise MachineError(f"cannot distil '{spec.name}': {error.strerror or error}") from error
        shutil.rmtree(place(spec), ignore_errors=True)
        aside.replace(place(spec))
        record(spec, sha256_of(place(spec) / WEIGHTS))
    return place(spec)


def _distil(teacher: Path, target: Path, dimension: int) -> None:
    from model2vec.distill import distill

    distill(model_name=str(teacher), pca_dims=dimension, device="cpu").save_pretrained(str(target))
