"""`gatehold dev`."""

import signal
import threading
from pathlib import Path

import click

from gatehold.cli.connection import data_dir_option
from gatehold.cli.processes import Process

AGENT = "dev"


@click.command()
@data_dir_option
@click.option("--policies", type=click.Path(exists=True, path_type=Path), help="Policies to seed an empty store with.")
@click.option("--apply", is_flag=True, help="Apply --policies where they differ from what the store holds.")
@click.option("--pdp-listen", default="127.0.0.1:8181", show_default=True, help="Where the decision point listens.")
def dev(data_dir: Path, policies: Path | None, apply: bool, pdp_listen: str) -> None:
    """Run a decision point and a sidecar for agent `dev`, until interrupted.

    \b
    Examples:
      gatehold dev
      gatehold dev --policies policies/ --data-dir /tmp/gatehold
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with start_pdp(data_dir, pdp_listen, policies, apply) as pdp, start_sidecar(data_dir) as sidecar:
        click.echo(f"decision point  {pdp.ready_line.removeprefix('ready ')}   log {data_dir}/pdp.log")
        click.echo(f"sidecar         {sidecar.ready_line.removeprefix('ready ')}   log {data_dir}/sidecar.log")
        click.echo(f"\nTry:  gatehold evaluate stripe:create_refund --arg amount=250 --explain{_flag(data_dir)}\n")
        while not stopped.wait(0.2):
            for process in (pdp, sidecar):
                if process.ended:
                    raise click.ClickException(f"the {process.name} ended by itself: see its log under {data_dir}")
    click.echo("stopped")


def _flag(data_dir: Path) -> str:
    return "" if str(data_dir) == ".gatehold" else f" --data-dir {data_dir}"


def start_pdp(data_dir: Path, listen: str, policies: Path | None, apply: bool = False) -> Process:
    """Starts `pdp serve` on a data directory."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    seed = ["--policies", str(policies)] if policies else []
    arguments = [
        "pdp",
        "serve",
        "--data-dir",
        str(data_dir),
        "--listen",
        listen,
        *seed,
        *(["--apply"] if apply else []),
    ]
    return Process("decision point", arguments, data_dir / "pdp.log")


def start_sidecar(data_dir: Path) -> Process:
    """Starts `sidecar run` for agent `dev` on a data directory."""
    return Process(
        "sidecar", ["sidecar", "run", "--data-dir", str(data_dir), "--agent", AGENT], data_dir / "sidecar.log"
    )
