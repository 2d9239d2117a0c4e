"""From a Python function's parameters to a call's arguments, and back."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Binding:
    """One invocation of a guarded function.

    Attributes:
        guarded: the arguments that the gate sees, by parameter name.
        unguarded: the ones that it does not, such as `self` or a client object.
    """

    guarded: dict[str, object]
    unguarded: dict[str, Any]


class Signature:
    """The parameters of a guarded function.

    Args:
        function: takes every guarded argument by name; positional-only parameters and `*args` are refused, because the
            frozen arguments are handed back by name.
        exclude: names of parameters that the gate does not see. `self` and `cls` never are seen.

    Raises:
        TypeError: a parameter cannot be passed by name, or an excluded one does not exist.
    """

    def __init__(self, function: Callable[..., Any], exclude: Collection[str]) -> None:
        self._signature = inspect.signature(function)
        self._unguarded = {*exclude, "self", "cls"}
        self._rest = ""
        for name, parameter in self._signature.parameters.items():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(f"{function.__qualname__}: parameter {name!r} cannot be passed by name")
            if parameter.kind is parameter.VAR_KEYWORD:
                self._rest = name
        if missing := set(exclude) - set(self._signature.parameters):
            raise TypeError(f"{function.__qualname__} has no parameter {sorted(missing)[0]!r} to exclude")

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Binding:
        """Sorts one invocation's arguments, defaults included. Raises TypeError as the function itself would."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = dict(bound.arguments)
        named.update(named.pop(self._rest, {}) if self._rest else {})
        guarded = {name: value for name, value in named.items() if name not in self._unguarded}
        unguarded = {name: value for name, value in named.items() if name in self._unguarded}
        return Binding(guarded, unguarded)
