"""The application itself, and entitlements."""

from __future__ import annotations

from typing import Any

from local.discord_simulator import gateway, objects
from local.discord_simulator.errors import ApiError
from local.discord_simulator.rest.router import Call, route
from local.discord_simulator.state import Json

_ENTITLEMENTS = "/applications/{application_id}/entitlements"


@route("GET", "/users/@me")
def me(call: Call) -> tuple[int, Any]:
    user = objects.user(call.simulator.state.users[call.simulator.application_id])
    return 200, user | {"mfa_enabled": True, "locale": "en-US", "premium_type": 0, "email": None, "verified": True}


@route("GET", "/applications/@me")
def get_application(call: Call) -> tuple[int, Any]:
    return 200, _application(call)


@route("PATCH", "/applications/@me")
def edit_application(call: Call) -> tuple[int, Any]:
    """Saving the interactions endpoint validates it first, by a good and a bad signature."""
    body = call.document()
    url = body.get("interactions_endpoint_url")
    if url:
        find = call.simulator.endpoint_at
        endpoint = find(url) if find else call.simulator.endpoint
        wrong = gateway.validate(call.simulator, endpoint, url)
        if wrong:
            text = f"The specified interactions endpoint URL could not be verified. ({'; '.join(wrong)})"
            errors = {
                "interactions_endpoint_url": {
                    "_errors": [{"code": "APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID", "message": text}]
                }
            }
            raise ApiError(400, 50035, "Invalid Form Body", errors=errors)
        call.simulator.endpoint = endpoint
    for key in (
        "interactions_endpoint_url",
        "event_webhooks_url",
        "event_webhooks_status",
        "event_webhooks_types",
        "description",
    ):
        if key in body:
            call.simulator.application[key] = body[key]
    return 200, _application(call)


def _application(call: Call) -> Json:
    simulator = call.simulator
    return {
        "id": str(simulator.application_id),
        "name": "DBSBM",
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": simulator.public_key_hex,
        "flags": 0,
        "hook": True,
        "is_monetized": False,
        "is_verified": False,
        "is_discoverable": False,
        "redirect_uris": [],
        "role_connections_verification_url": None,
        "owner": objects.user(simulator.state.users[simulator.application_id]),
        "team": None,
        "bot": objects.user(simulator.state.users[simulator.application_id]),
        **simulator.application,
    }


@route("GET", "/applications/{application_id}/skus", major=("application_id",))
def list_skus(call: Call) -> tuple[int, Any]:
    return 200, call.simulator.shop.listed()


@route("GET", _ENTITLEMENTS, major=("application_id",))
def list_entitlements(call: Call) -> tuple[int, Any]:
    """By rising id; ``after`` is the id that the page follows."""
    shop = call.simulator.shop
    found = [item for _, item in sorted(call.simulator.state.entitlements.items())]
    for key in ("user_id", "guild_id"):
        if call.query.get(key):
            found = [item for item in found if item.get(key) == call.query[key]]
    if call.query.get("sku_ids"):
        found = [item for item in found if item["sku_id"] in call.query["sku_ids"].split(",")]
    if call.truth("exclude_ended"):
        found = [item for item in found if item["deleted"] or shop.standing(item)]
    if call.query.get("exclude_deleted", "true") != "false":
        found = [item for item in found if not item["deleted"]]
    if call.query.get("after"):
        found = [item for item in found if int(item["id"]) > int(call.query["after"])]
    return 200, found[: call.number("limit", 100, 1, 100)]


@route("POST", _ENTITLEMENTS, major=("application_id",))
def create_entitlement(call: Call) -> tuple[int, Any]:
    """A test entitlement; ``owner_type`` 1 is a guild, 2 a user. It has no start and no end."""
    body = call.document()
    owner = "guild_id" if body.get("owner_type") == 1 else "user_id"
    entitlement = call.simulator.shop.buy(int(body["sku_id"]), {owner: str(body.get("owner_id"))})
    entitlement["starts_at"] = None
    return 200, entitlement


@route("DELETE", f"{_ENTITLEMENTS}/{{entitlement_id}}", major=("application_id",))
def delete_entitlement(call: Call) -> tuple[int, Any]:
    call.simulator.shop.refund(call.id("entitlement_id"))
    del call.simulator.state.entitlements[call.id("entitlement_id")]
    return 204, None


@route("POST", f"{_ENTITLEMENTS}/{{entitlement_id}}/consume", major=("application_id",))
def consume_entitlement(call: Call) -> tuple[int, Any]:
    call.simulator.shop.entitlement(call.id("entitlement_id"))["consumed"] = True
    return 204, None
