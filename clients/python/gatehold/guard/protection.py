"""A guarded function and everything that was said when it was guarded."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from gatehold.guard.answer import Answer
from gatehold.guard.approval import Approval
from gatehold.guard.arguments import Binding, Signature
from gatehold.guard.errors import Blocked
from gatehold.guard.request import Options, Prepared, prepare
from gatehold.invalid import InvalidInput
from gatehold.vocabulary import ReasonCode


class ProtectOptions(TypedDict, total=False):
    """What `protect` takes by name; `Guard.protect` explains each."""

    exclude: Collection[str]
    context: Mapping[str, object] | None
    on_behalf_of: str
    tool_definition_digest: str
    wait: bool
    timeout: float | None
    on_wait: Callable[[Approval], object] | None
    justification: str


@dataclass(frozen=True, slots=True)
class Patience:
    """What to do where a person must approve.

    Attributes:
        wait: until the person has decided.
        timeout: seconds to wait; None for as long as it takes.
        on_wait: told of the approval when the wait begins.
        justification: why the agent wants it, for those who decide; empty where it does not say.
    """

    wait: bool = True
    timeout: float | None = None
    on_wait: Callable[[Approval], object] | None = None
    justification: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """One guarded function."""

    verb: str
    function: Callable[..., Any]
    signature: Signature
    options: Options
    patience: Patience


def protected(
    verb: str,
    function: Callable[..., Any],
    *,
    exclude: Collection[str] = (),
    context: Mapping[str, object] | None = None,
    on_behalf_of: str = "",
    tool_definition_digest: str = "",
    wait: bool = True,
    timeout: float | None = None,
    on_wait: Callable[[Approval], object] | None = None,
    justification: str = "",
) -> Protected:
    """Describes a guarded function by the `ProtectOptions`.

    Raises:
        TypeError: as `Signature`.
        InvalidInput: the timeout is not a finite number of seconds from 0 up.
    """
    if timeout is not None and not 0 <= timeout < math.inf:
        raise InvalidInput("timeout", f"{timeout!r} is not a number of seconds from 0 up")
    options = Options(context, on_behalf_of, tool_definition_digest=tool_definition_digest)
    patience = Patience(wait, timeout, on_wait, justification)
    return Protected(verb, function, Signature(function, exclude), options, patience)


def frozen(tool: Protected, binding: Binding) -> Prepared:
    """Freezes one invocation. Raises Blocked where it has no JSON form within the bounds."""
    try:
        return prepare(tool.verb, binding.guarded, tool.options)
    except InvalidInput as error:
        raise Blocked(tool.verb, Answer.fail_closed(ReasonCode.REFUSED, str(error))) from error
