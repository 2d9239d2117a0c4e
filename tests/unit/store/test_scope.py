"""Statements are made in one place, where they get their tenant."""

import ast
from pathlib import Path

import pytest

import pdp.store
from pdp.store.tables import metadata

ROOM = Path(pdp.store.__file__).parent
MODULES = sorted(path for path in ROOM.rglob("*.py") if path.name != "scope.py" and "versions" not in path.parts)
MAKERS = {"select", "insert", "update", "delete", "text", "union", "lambda_stmt"}


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOM)) for path in MODULES])
def test_no_other_module_makes_statements(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    assert not imported & MAKERS
    # `table.select()` and the like make statements too.
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in MAKERS:
            made_by = call.func.value
            assert isinstance(made_by, ast.Name | ast.Call)
            name = made_by.id if isinstance(made_by, ast.Name) else getattr(made_by.func, "id", "")
            assert name in {"scope", "Scope"}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_has_a_tenant(table: object) -> None:
    assert not metadata.tables[str(table)].c.tenant.nullable


def test_few_reads_span_tenants() -> None:
    spanning = {
        path.name: path.read_text().count("every_tenant(") for path in MODULES if "every_tenant(" in path.read_text()
    }
    assert spanning == {"configuration.py": 1, "keys.py": 3, "sessions.py": 1}
