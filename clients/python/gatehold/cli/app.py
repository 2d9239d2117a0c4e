"""The command line's root. It loads a command only when it is used: a sidecar must not pay for tables."""

import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import ClassVar

try:
    import click
except ModuleNotFoundError:  # the base install is the SDK alone
    sys.exit(
        "gatehold: the commands need an extra: pip install 'gatehold[sidecar]' beside an agent, 'gatehold[all]' else"
    )

from gatehold.invalid import InvalidInput
from gatehold.version import VERSION

EXIT_ERROR = 1


class Commands(click.Group):
    """A group that imports a command when it is asked for, from the table `sources`: name to `module:attribute`.

    The packages of an extra that is not installed are named here as text only, so nothing of theirs is needed to start.
    """

    sources: ClassVar[dict[str, str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in order."""
        return sorted({*self.commands, *self.sources})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads one command, or says what to install for it."""
        if cmd_name in self.sources:
            return _load(cmd_name, self.sources[cmd_name])
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command when there is none of this name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near or "Did you mean" in error.message:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from error


def _load(name: str, source: str) -> click.Command:
    module, _, attribute = source.partition(":")
    try:
        command = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        extra = module.partition(".")[0] if module.partition(".")[0] in ("pdp", "sidecar") else "all"
        raise click.ClickException(
            f"'{name}' needs the package {error.name}: pip install 'gatehold[{extra}]'"
        ) from error
    assert isinstance(command, click.Command)
    return command


class _Root(Commands):
    sources: ClassVar[dict[str, str]] = {
        "agents": "gatehold.cli.agents:agents",
        "approvals": "gatehold.cli.approvals:approvals",
        "audit": "gatehold.cli.audit:audit",
        "catalog": "gatehold.cli.catalog:catalog",
        "demo": "gatehold.cli.demo:demo",
        "dev": "gatehold.cli.dev:dev",
        "evaluate": "gatehold.cli.evaluate:evaluate",
        "keys": "gatehold.cli.keys:keys",
        "pdp": "pdp.commands.serve:pdp",
        "policy": "gatehold.cli.policy:policy",
        "sessions": "gatehold.cli.sessions:sessions",
        "sidecar": "sidecar.commands:sidecar",
        "sidecars": "gatehold.cli.sidecars:sidecars",
        "tenants": "gatehold.cli.tenants:tenants",
        "webhooks": "gatehold.cli.webhooks:webhooks",
    }


@click.command(cls=_Root, context_settings={"auto_envvar_prefix": "GATEHOLD", "help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, "-V", "--version", prog_name="gatehold")
def gatehold() -> None:
    """Hold every tool call of an AI agent at a gate.

    \b
    Examples:
      gatehold demo                                     see it work, in a temporary directory
      gatehold dev                                      a decision point and a sidecar for development
      gatehold evaluate stripe:create_refund --arg amount=250 --explain
      gatehold approvals list                           what waits for a person
      gatehold audit list --decision block --limit 10

    Every flag is also a variable: `gatehold pdp serve --listen` is GATEHOLD_PDP_SERVE_LISTEN.
    Exit codes: 0 allowed or ok, 1 error, 3 blocked, 4 approval required, 5 policy test or lint failure.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        code = gatehold.main(args=list(arguments) if arguments is not None else None, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        code = EXIT_ERROR
    except InvalidInput as error:
        from gatehold.redaction import printable

        click.echo(f"Error: {printable(str(error))}", err=True)
        code = EXIT_ERROR
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:  # `gatehold audit list | head`
        sys.stderr.close()
        code = 0
    sys.exit(code)
