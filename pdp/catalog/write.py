"""Entries as the text of a catalog file, for a person to review and apply."""

import re
from collections.abc import Iterable

import yaml

from pdp.catalog.model import Bundle, CatalogEntry

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


class _Dumper(yaml.SafeDumper):
    """Quotes all but plain words, and repeats what occurs twice: the reader takes no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Unquoted, text such as 1e3 is a string to YAML 1.1, which the dumper writes, and a number to YAML 1.2.
    style = None if _WORD.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def catalog_text(entries: Iterable[CatalogEntry], bundles: Iterable[Bundle] = ()) -> str:
    """YAML that `load_catalog` reads back as the same entries and bundles.

    ASCII only, so text from untrusted definitions can not play tricks on whoever reads it on a terminal.
    """
    document = {
        "bundles": [bundle.to_document() for bundle in bundles],
        "entries": [entry.to_document() for entry in entries],
    }
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=False, sort_keys=False, width=120)
