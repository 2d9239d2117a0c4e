"""What policies need to know of a verb."""

from collections.abc import Mapping
from typing import Protocol

from gatehold.vocabulary import Access, RiskLevel


class Entry(Protocol):
    """A verb's entry in the catalog, as far as policies can match it."""

    @property
    def verb(self) -> str:
        """`provider:tool`."""

    @property
    def provider(self) -> str:
        """The left side of the verb."""

    @property
    def tool(self) -> str:
        """The right side of the verb."""

    @property
    def risk_level(self) -> RiskLevel:
        """How much harm it can do."""

    @property
    def access(self) -> Access:
        """Whether it only reads."""

    @property
    def bundle(self) -> str:
        """The bundle it belongs to; empty where it is in none."""

    @property
    def hardened(self) -> bool:
        """Whether it always needs at least approval."""

    @property
    def classification(self) -> Mapping[str, str]:
        """Dimension to word."""
