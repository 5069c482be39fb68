"""lrev models: what is on this machine, fetching and checking it. `pull` is the only command that uses the network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrev.cli import models_qualify
from lrev.cli.output import write_out
from lrev.cli.progress import Meter
from lrev.errors import Exit
from lrev.log import talk
from lrev.manifest import PromptFormat, Role, load_manifest
from lrev.model import store
from lrev.model.download import pull as pull_model
from lrev.model.metadata import stated
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.wiring.generators import qualified

app = typer.Typer(help="List, fetch, check, add and qualify models.", no_args_is_help=True)
_MB = 1_000_000
_CONTEXT_TOKENS = 8192  # of a file that does not state it: what most models since 2024 hold


@app.command("list")
def list_models() -> None:
    """List every model of models.toml, whether it is on this machine, and what it was measured to be good for."""
    seal()
    manifest, settings = load_manifest(), load_settings()
    defaults = (manifest.default_generator, manifest.default_embedder)
    for found in store.statuses(manifest):
        spec = found.spec
        size = f"{spec.size_bytes / _MB:.0f} MB" if spec.size_bytes else ""
        mark = "*" if spec.name in defaults else " "
        state = found.state.value
        if spec.role is Role.GENERATOR and found.state is store.State.READY:
            state += f", {qualified(spec, settings)[1]}"
        write_out(f"{mark} {spec.name:<22} {spec.role.value:<10} {spec.tier.value:<7} {size:>8}  {state}\n")
    write_out("* used unless another is named\n")


@app.command("pull")
def pull(name: Annotated[str, typer.Argument(metavar="NAME", help="A model of models.toml.")]) -> None:
    """Fetch a model and check its sha256; the only command that may use the network."""
    manifest = load_manifest()
    spec = manifest.get(name)
    with Meter() as meter:
        path = pull_model(spec, manifest, meter, lambda line: talk(f"lrev: {line}"))
    talk(f"lrev: '{name}' is at '{path}'")


@app.command("verify")
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Models to check; default all that are here.")
    ] = None,
) -> None:
    """Recompute the sha256 of the models that are here; exit 1 when one is not what models.toml names."""
    seal()
    manifest = load_manifest()
    specs = [manifest.get(name) for name in names] if names else list(manifest.models)
    wrong = False
    for spec in specs:
        found = store.verify(spec)
        if found.state is store.State.MISSING and not names:
            continue
        wrong |= found.state is not store.State.READY
        write_out(f"{spec.name:<22} {found.state.value}{': ' + found.problem if found.problem else ''}\n")
    if wrong:
        raise typer.Exit(Exit.FOUND)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A GGUF file.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call it; default the file's name.")] = None,
    context_tokens: Annotated[
        int | None, typer.Option(help="The context it was trained for; default what the file states.", min=256)
    ] = None,
    prompt_format: Annotated[
        PromptFormat | None, typer.Option(help="How it is spoken to; default what its vocabulary shows.")
    ] = None,
) -> None:
    """Enter a GGUF of your own into models.toml of LREV_HOME, with its present sha256."""
    seal()
    own = stated(file)
    spec = store.add(
        file,
        load_manifest(),
        name=name or file.stem.lower(),
        context_tokens=context_tokens or own.trained_tokens or _CONTEXT_TOKENS,
        prompt_format=prompt_format.value if prompt_format else own.prompt_format or PromptFormat.PLAIN.value,
    )
    if not prompt_format and not own.prompt_format:
        talk("lrev: its vocabulary has the control tokens of no known prompt format; it is spoken to in plain text")
    talk(f"lrev: added '{spec.name}', spoken to in '{spec.prompt_format.value}'; run lrev models qualify {spec.name}")


app.command("qualify")(models_qualify.command)
