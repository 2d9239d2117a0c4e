"""The airline's rules once more, as plain Python over one call, with nothing of the product in it."""

import re
from collections import Counter
from typing import Any

READS = {
    "calculate",
    "get_reservation_details",
    "get_user_details",
    "list_all_airports",
    "search_direct_flight",
    "search_onestop_flight",
    "think",
    "transfer_to_human_agents",
}
ASK_A_PERSON = {"cancel_reservation", "send_certificate"}
_TYPES: dict[str, Any] = {"string": str, "array": list, "object": dict, "integer": int, "number": (int, float)}


def decide(verb: str, args: dict[str, Any], tools: dict[str, Any]) -> str:
    """Returns allow, require_approval or block."""
    tool = verb.partition(":")[2]
    if tool not in tools or not fits(args, tools[tool]["parameters"]) or forbidden(tool, args):
        return "block"
    return "require_approval" if tool in ASK_A_PERSON else "allow"


def forbidden(tool: str, args: dict[str, Any]) -> bool:
    if tool == "book_reservation":
        kinds = Counter(p["payment_id"].rpartition("_")[0] for p in args["payment_methods"])
        if kinds["certificate"] > 1 or kinds["credit_card"] > 1 or kinds["gift_card"] > 3:
            return True
    if tool in ("book_reservation", "update_reservation_passengers") and not 1 <= len(args["passengers"]) <= 5:
        return True
    if tool in ("book_reservation", "update_reservation_baggages"):
        return not 0 <= args["nonfree_baggages"] <= args["total_baggages"]
    if tool == "update_reservation_flights":
        return not args["payment_id"].startswith(("gift_card_", "credit_card_"))
    if tool == "send_certificate":
        return args["amount"] not in {n * rate for n in range(1, 6) for rate in (50, 100)}
    return tool == "calculate" and not re.fullmatch(r"[0-9+\-*/(). ]+", args["expression"])


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """JSON Schema as far as the tools use it."""
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or isinstance(value, bool)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        return all(name in value for name in schema.get("required", ())) and all(
            fits(item, inner[name]) for name, item in value.items() if name in inner
        )
    return not isinstance(value, list) or all(fits(item, schema.get("items", {})) for item in value)
