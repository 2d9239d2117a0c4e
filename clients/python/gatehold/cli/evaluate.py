"""`gatehold evaluate`."""

import json
from pathlib import Path
from typing import Any

import click

from gatehold import digest
from gatehold.cli.connection import data_dir_option
from gatehold.cli.output import output_option, show
from gatehold.cli.trace import show_trace
from gatehold.guard import Answer, Guard
from gatehold.vocabulary import Decision

EXIT_CODES = {Decision.ALLOW: 0, Decision.BLOCK: 3, Decision.REQUIRE_APPROVAL: 4}


@click.command()
@click.argument("verb")
@click.option(
    "--arg",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="One argument. VALUE is JSON if it parses, else a string.",
)
@click.option("--args", "args_json", metavar="JSON", help="All arguments as one JSON object.")
@click.option("--context", "context_json", metavar="JSON", help="Claims about the situation, as one JSON object.")
@click.option("--on-behalf-of", default="", metavar="WHO", help="Whom the agent acts for.")
@click.option("--tool-definition-digest", default="", metavar="HEX", help="SHA-256 of the tool's definition.")
@click.option("--explain", is_flag=True, help="Show every policy that spoke, what it compared and what overrode it.")
@click.option(
    "--target", envvar="GATEHOLD_SIDECAR", help="unix:PATH or HOST:PORT.  [default: unix:DATA_DIR/agent.sock]"
)
@click.option("--token-file", envvar="GATEHOLD_TOKEN_FILE", help="File with a key, for a target over TCP.")
@click.option("--deadline", default=1.0, show_default=True, help="Seconds to wait.")
@data_dir_option
@output_option
def evaluate(
    verb: str,
    pairs: tuple[str, ...],
    args_json: str | None,
    context_json: str | None,
    on_behalf_of: str,
    tool_definition_digest: str,
    explain: bool,
    target: str | None,
    token_file: str | None,
    deadline: float,
    data_dir: Path,
    output: str,
) -> None:
    """Ask what the gate says of one call, without running anything.

    \b
    Examples:
      gatehold evaluate filesystem:read_text_file --arg path=README.md
      gatehold evaluate stripe:create_refund --args '{"amount": 250}' --explain
      gatehold evaluate stripe:create_refund --arg amount=250 --output json

    Exit code 0 for allow, 3 for block, 4 where a person must approve.
    """
    with Guard(target or f"unix:{data_dir}/agent.sock", token_file=token_file, deadline=deadline) as guard:
        answer = guard.evaluate(
            verb,
            arguments(args_json, pairs),
            context=digest.parse_object(context_json or "", "--context"),
            on_behalf_of=on_behalf_of,
            preflight=True,
            tool_definition_digest=tool_definition_digest,
            explain=explain,
        )
    _show(answer, output)
    raise click.exceptions.Exit(EXIT_CODES[answer.decision])


def arguments(args_json: str | None, pairs: tuple[str, ...]) -> dict[str, object]:
    """Returns the arguments of `--args` with those of `--arg` over them. Raises InvalidInput or UsageError."""
    args = digest.parse_object(args_json or "", "--args")
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise click.UsageError(f"--arg {pair!r} is not KEY=VALUE")
        args[key] = _value(key, text)
    return args


def _value(key: str, text: str) -> Any:
    try:
        json.loads(text)
    except ValueError:
        return text
    return digest.parse_value(text, f"--arg {key}")


def _show(answer: Answer, output: str) -> None:
    document = answer.to_document()
    if output != "table":
        show(document, output)
        return
    trace = document.pop("trace", ())
    show(document, output)
    if isinstance(trace, list):
        show_trace(trace)
