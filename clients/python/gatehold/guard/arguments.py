"""From a Python function's parameters to a call's arguments, and back."""

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
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
        exclude: names of parameters that the gate does not see. A first parameter named `self` or `cls` never is seen.

    Raises:
        TypeError: a parameter cannot be passed by name, or an excluded one does not exist or is `**kwargs`.
    """

    def __init__(self, function: Callable[..., Any], exclude: Collection[str]) -> None:
        if isinstance(exclude, str):  # its letters would be taken for names
            raise TypeError(f"exclude must be a list of names: [{exclude!r}]")
        name = name_of(function)
        self._signature = inspect.signature(function)
        self._rest = ""
        named = []
        for parameter in self._signature.parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(f"{name}: parameter {parameter.name!r} cannot be passed by name")
            if parameter.kind is parameter.VAR_KEYWORD:
                self._rest = parameter.name
            else:
                named.append(parameter.name)
        if missing := set(exclude) - set(named):
            raise TypeError(f"{name} has no parameter {sorted(missing)[0]!r} to exclude")
        self._unguarded = {*exclude, *(first for first in named[:1] if first in ("self", "cls"))}
        self._guarded = set(named) - self._unguarded
        self._name = name

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Binding:
        """Sorts one invocation's arguments, defaults included. Raises TypeError as the function itself would."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = dict(bound.arguments)
        # What came by `**kwargs` is guarded whatever its name: a model chooses names there.
        rest = named.pop(self._rest, {}) if self._rest else {}
        guarded = {name: value for name, value in named.items() if name not in self._unguarded}
        unguarded = {name: value for name, value in named.items() if name in self._unguarded}
        return Binding({**guarded, **rest}, unguarded)

    def mismatch(self, args: Mapping[str, object]) -> str:
        """Says why the function cannot run with these guarded arguments and no others; empty when it can.

        A default does not stand in for one that is not there: nobody decided on it.
        """
        if missing := self._guarded - args.keys():
            return f"{self._name} has a parameter {min(missing)!r} that the call does not"
        more = args.keys() - self._guarded
        if strange := more & self._unguarded if self._rest else more:
            return f"{self._name} takes no argument {min(strange)!r} from the gate"
        return ""

    def unsupplied(self, values: Mapping[str, object]) -> str:
        """Says why these values are not the ones for the parameters that the gate does not see; empty when they are."""
        if strange := values.keys() - self._unguarded:
            return f"{min(strange)!r} is no excluded parameter of {self._name}"
        parameters = self._signature.parameters
        needed = {name for name in self._unguarded if parameters[name].default is inspect.Parameter.empty}
        if missing := needed - values.keys():
            return f"no value is supplied for parameter {min(missing)!r} of {self._name}"
        return ""


def require_plain(function: Callable[..., Any]) -> None:
    """Raises TypeError for a function whose call only prepares its run: its outcome would be told before it ran."""
    if _is_any(function, inspect.iscoroutinefunction):
        raise TypeError(f"{name_of(function)} is a coroutine function: guard it with AsyncGuard")
    if _is_any(function, inspect.isgeneratorfunction, inspect.isasyncgenfunction):
        raise TypeError(f"{name_of(function)} is a generator function: guard the functions it calls, or collect first")


def require_coroutine(function: Callable[..., Any]) -> None:
    """Raises TypeError for a function that is no coroutine function: it would run, and awaiting its result fail."""
    if not _is_any(function, inspect.iscoroutinefunction):
        raise TypeError(f"{name_of(function)} is not a coroutine function: guard it with Guard, or make it async def")


def require_listener(listener: Callable[..., Any] | None) -> None:
    """Raises TypeError for a listener that ordinary code cannot call: nobody would await it."""
    if listener is not None and _is_any(listener, inspect.iscoroutinefunction):
        raise TypeError(f"on_wait {name_of(listener)} is a coroutine function: use AsyncGuard")


def name_of(function: Callable[..., Any]) -> str:
    """Returns what an error calls the function; `functools.partial` and callable objects have no name of their own."""
    return getattr(function, "__qualname__", None) or repr(function)


def _is_any(function: Any, *kinds: Callable[[Any], bool]) -> bool:
    while isinstance(function, functools.partial | staticmethod):
        function = function.func if isinstance(function, functools.partial) else function.__func__
    return callable(function) and any(kind(function) or kind(type(function).__call__) for kind in kinds)
