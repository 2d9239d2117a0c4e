"""`gatehold catalog import`."""

import asyncio
import shlex
from pathlib import Path

import click

from pdp.catalog.importers.imported import Imported
from pdp.catalog.importers.mcp_server import ToolServerError, import_mcp_server
from pdp.catalog.importers.mcp_tools import import_mcp_tools
from pdp.catalog.importers.openai_functions import import_openai_functions
from pdp.catalog.importers.openapi import import_openapi
from pdp.catalog.write import catalog_text
from pdp.documents import DocumentError

_FROM_FILE = {"mcp": import_mcp_tools, "openai": import_openai_functions, "openapi": import_openapi}


@click.command("import")
@click.argument("kind", type=click.Choice([*_FROM_FILE, "mcp-server"]))
@click.argument("source")
@click.option("--provider", required=True, help="The provider that the verbs get: PROVIDER:tool.")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds that an MCP server may take.")
def import_(kind: str, source: str, provider: str, timeout: float) -> None:
    """Turn tool definitions into catalog entries, printed as YAML to review and apply.

    SOURCE is a file, or for `mcp-server` the command that starts one which speaks MCP over its standard input and
    output. What a definition does not tell is HIGH, a write, and of the most restrictive classification.

    \b
    Examples:
      gatehold catalog import openai tools.json --provider airline > airline.yaml
      gatehold catalog import openapi api.yaml --provider billing > billing.yaml
      gatehold catalog import mcp-server "npx -y @modelcontextprotocol/server-filesystem /tmp" --provider files
    """
    try:
        imported = _imported(kind, source, provider, timeout)
    except (OSError, UnicodeDecodeError, DocumentError, ToolServerError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(catalog_text(imported.entries), nl=False)
    for warning in imported.warnings:
        click.echo(f"warning: {warning}", err=True)
    counts = f"{len(imported.entries)} verbs, {len(imported.warnings)} warnings"
    click.echo(f"{counts}; review, then `gatehold catalog apply`", err=True)


def _imported(kind: str, source: str, provider: str, timeout: float) -> Imported:
    if kind != "mcp-server":
        return _FROM_FILE[kind](Path(source).read_text(encoding="utf-8"), provider, source=source)
    return asyncio.run(import_mcp_server(shlex.split(source), provider, within_seconds=timeout))
