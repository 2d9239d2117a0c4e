"""All verbs that a tenant's agents can name: those that come with the product, and over them the tenant's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, TypeVar

from gatehold.invalid import InvalidInput
from pdp.catalog.compiled import CompiledEntry
from pdp.catalog.load import load_catalog
from pdp.catalog.model import Bundle, CatalogEntry

_T = TypeVar("_T")

Permission = Literal["auto", "approval", "off"]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Immutable; two catalogs with the same entries and bundles are equal.

    Attributes:
        entries: every entry, sorted by verb.
        bundles: every bundle, by name.
    """

    entries: tuple[CompiledEntry, ...]
    bundles: Mapping[str, Bundle]
    _by_verb: Mapping[str, CompiledEntry]

    @classmethod
    def of(cls, entries: Iterable[CatalogEntry], bundles: Iterable[Bundle] = ()) -> "Catalog":
        """A catalog of just these.

        Raises:
            InvalidInput: two entries have one verb, two bundles one name, or an entry names a bundle that is not there.
        """
        return _EMPTY.overlay(entries, bundles)

    def get(self, verb: str) -> CompiledEntry | None:
        """The entry of `verb`, compared exactly; None when the verb is unknown and so must be blocked."""
        return self._by_verb.get(verb)

    def bundle_default(self, entry: CompiledEntry) -> Permission | None:
        """The default permission of the entry's bundle; None when it has none and the risk level decides."""
        return self.bundles[entry.bundle].default_permission if entry.bundle else None

    def overlay(self, entries: Iterable[CatalogEntry], bundles: Iterable[Bundle] = ()) -> "Catalog":
        """This catalog with `entries` and `bundles` in the place of those with the same verb or name.

        Raises:
            InvalidInput: as for `of`.
        """
        return self._with((entry.compiled() for entry in entries), bundles)

    def _with(self, entries: Iterable[CompiledEntry], bundles: Iterable[Bundle]) -> "Catalog":
        named = _unique("bundles", "name", ((bundle.name, bundle) for bundle in bundles))
        own = _unique("entries", "verb", ((entry.verb, entry) for entry in entries))
        all_bundles = {**self.bundles, **named}
        for index, entry in enumerate(own.values()):
            # A misspelt bundle would lose its default permission, and with it the approval that it stands for.
            if entry.bundle and entry.bundle not in all_bundles:
                raise InvalidInput(f"entries[{index}].bundle", f"no bundle is named {entry.bundle}")
        by_verb = {**self._by_verb, **own}
        ordered = tuple(by_verb[verb] for verb in sorted(by_verb))
        return Catalog(ordered, MappingProxyType(all_bundles), MappingProxyType(by_verb))


_EMPTY = Catalog((), MappingProxyType({}), MappingProxyType({}))


@lru_cache(maxsize=1)
def shipped() -> Catalog:
    """The catalog that comes with the product."""
    folder = files("pdp.catalog") / "shipped"
    loaded = load_catalog(
        (file.name, file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    )
    return _EMPTY._with((entry.compiled(shipped=True) for entry in loaded.entries), loaded.bundles)


def _unique(field: str, key: str, pairs: Iterable[tuple[str, _T]]) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for index, (name, value) in enumerate(pairs):
        if name in found:
            raise InvalidInput(f"{field}[{index}].{key}", f"{name} is given twice")
        found[name] = value
    return found
