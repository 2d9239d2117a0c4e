"""`gatehold policy lint`."""

from pathlib import Path

import click

from gatehold.cli.documents import source_documents
from gatehold.cli.output import output_option, show
from pdp.documents import InvalidDocuments
from pdp.policy.load import load_policies

EXIT_LINT_FAILURE = 5


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@output_option
def lint(paths: tuple[Path, ...], output: str) -> None:
    """Check the policy files of PATHS without a decision point.

    \b
    Examples:
      gatehold policy lint policies/
      gatehold policy lint refunds.yaml --output json

    Names file, line and field of everything that would not load. Exit code 0 when all loads, 5 when not.
    """
    texts = [(document.content, document.name) for document in source_documents(paths)]
    try:
        policies = load_policies(texts)
    except InvalidDocuments as found:
        problems = [{"file": e.source, "line": e.line, "field": e.field, "message": e.message} for e in found.errors]
        if output == "table":
            click.echo("\n".join(map(str, found.errors)), err=True)
            click.echo(_count(len(problems), "problem", "problems"), err=True)
        else:
            show(problems, output)
        raise click.exceptions.Exit(EXIT_LINT_FAILURE) from found
    if output == "table":
        click.echo(f"{_count(len(policies), 'policy', 'policies')} in {_count(len(texts), 'file', 'files')}: all load")
    else:
        show([], output)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
