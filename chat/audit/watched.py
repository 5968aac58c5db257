"""What is audited when its row is made, changed or deleted, whichever door did it. Writes that tell Django
nothing (`update`, `bulk_create`) say it themselves: `providers.signals` and `audit_append`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db.models import Field, Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from chat.actions.audit import audit_append, hold_log
from providers.signals import told_along, writing, written

MOST: Final = 50  # names in one entry


@dataclass(frozen=True, slots=True)
class Watched:
    """`told` are fields whose values an entry may show; of the others it names what changed. `unless` are
    those that the server itself writes."""

    kind: str
    told: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


_PRICES: Final = ("input_price", "output_price", "cache_read_price", "cache_write_price")
_CHECKS: Final = ("check_status", "check_latency_ms", "check_message", "checked_at", "updated_at")
WATCHED: Final = {
    "auth.User": Watched("user", ("username", "is_active", "is_staff", "is_superuser"), ("last_login",)),
    "auth.Group": Watched("role", ("name",)),
    "account.EmailAddress": Watched("email_address", ("user_id", "email", "verified", "primary")),
    "mfa.Authenticator": Watched("second_step", ("user_id", "type"), ("data", "last_used_at")),
    "providers.Provider": Watched("provider", ("kind", "base_url", "enabled", "api_key_variable"), _CHECKS),
    "providers.ProviderModel": Watched("model", ("provider_id", "name", "enabled", *_PRICES)),
    "providers.Route": Watched("route", ("name", "strategy", "enabled"), ("updated_at",)),
    "providers.RouteTarget": Watched("route_target", ("route_id", "provider_id", "model", "weight")),
    "socialaccount.SocialAccount": Watched(
        "sign_in_elsewhere", ("user_id", "provider", "uid"), ("extra_data", "last_login")
    ),
    "chat.Agent": Watched("agent", ("name", "model", "enabled", "listed")),
    "chat.ApiKey": Watched(
        "key",
        ("user_id", "name", "hint", "scopes", "routes", "expires_at", "revoked_at"),
        ("last_used_at",),
    ),
    "chat.Budget": Watched(
        "budget",
        (
            *("user_id", "group_id", "key_id", "route", "each", "period"),
            *("runs", "tokens", "money", "sockets"),
        ),
    ),
    "chat.Invitation": Watched("invitation", ("role", "note", "creator_id", "expires_at")),
    "chat.McpServer": Watched(
        "tool_server",
        ("name", "transport", "command", "enabled", "by_default", "policy"),
        ("tools", "listed_at", "error"),
    ),
    "chat.MemorySettings": Watched("settings"),
    "chat.Permit": Watched("permit", ("kind", "name")),
    "chat.SessionMember": Watched("member", ("session_id", "user_id", "role")),
    "chat.ShareLink": Watched("share_link", ("session_id", "creator_id", "expires_at", "revoked_at")),
    "chat.ToolRule": Watched("tool_rule", ("tool", "policy", "by_default")),
}


def watch() -> None:
    for label in WATCHED:
        model = apps.get_model(label)
        pre_save.connect(_before, sender=model)
        post_save.connect(_saved, sender=model)
        pre_delete.connect(_hold, sender=model)
        post_delete.connect(_deleted, sender=model)
        for field in model._meta.many_to_many:
            m2m_changed.connect(_linked, sender=field.remote_field.through)
    pre_delete.connect(_hold, sender=apps.get_model("chat.ChatSession"))
    post_delete.connect(_session_deleted, sender=apps.get_model("chat.ChatSession"))
    writing.connect(_hold)
    written.connect(_written)


def _hold(**_: Any) -> None:
    hold_log()


def _before(sender: Any, instance: Any, raw: bool, update_fields: Any = None, **_: Any) -> None:
    """What the row held, for those fields that are about to be written."""
    names = [] if raw or instance._state.adding else _watched_names(sender, update_fields)
    if names or (instance._state.adding and not raw):
        hold_log()
    row = sender._base_manager.filter(pk=instance.pk).values(*names).first() if names else None
    instance._audited_before = row or {}


def _saved(sender: Any, instance: Any, created: bool, raw: bool, **_: Any) -> None:
    if raw:
        return
    along = told_along(instance)
    if created:
        _tell(instance, "created", {**_values(instance, _watched(sender).told), **along})
        return
    before: dict[str, Any] = instance._audited_before
    changed = [name for name, value in before.items() if value != _plain(instance, name)]
    if changed or along:
        told = [name for name in changed if name in _watched(sender).told]
        _tell(instance, "changed", {"changed": [*changed, *along], **_values(instance, told), **along})


def _deleted(sender: Any, instance: Any, origin: Any = None, **_: Any) -> None:
    """What goes along with something else is told by that."""
    if getattr(origin, "model", type(origin)) is sender:
        _tell(instance, "deleted", _values(instance, _watched(sender).told))


def _session_deleted(instance: Any, **_: Any) -> None:
    if not instance.temporary:
        audit_append("session.deleted", instance.pk, owner_id=instance.owner_id)


def _linked(sender: Any, instance: Any, action: str, model: Any, pk_set: set[Any] | None, **_: Any) -> None:
    """Rows of `model` were put to `instance`, or taken away: people and groups, groups and permissions."""
    if action in ("pre_add", "pre_remove", "pre_clear"):
        hold_log()
    verb = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}.get(action)
    if verb is None or not (pk_set or verb == "cleared"):
        return
    names = [] if pk_set is None else [str(row) for row in model.objects.filter(pk__in=pk_set)[:MOST]]
    _tell(instance, "changed", {"of": model._meta.model_name, verb: names})


def _written(sender: Any, ids: Iterable[Any], verb: str, **details: Any) -> None:
    details.pop("signal")
    for object_id in ids:
        kind = _watched(sender).kind
        audit_append(f"{kind}.{verb}", object_id, **details)


def _tell(instance: Model, verb: str, details: dict[str, Any]) -> None:
    kind = _watched(type(instance)).kind
    audit_append(f"{kind}.{verb}", instance.pk, **details)


def _watched(model: Any) -> Watched:
    return WATCHED[model._meta.label]


def _watched_names(model: Any, update_fields: Iterable[str] | None) -> list[str]:
    fields: list[Field[Any, Any]] = model._meta.concrete_fields
    chosen = None if update_fields is None else set(update_fields)
    unless = _watched(model).unless
    return [
        field.attname
        for field in fields
        if field.attname not in unless and (chosen is None or chosen & {field.name, field.attname})
    ]


def _plain(instance: Any, name: str) -> Any:
    """As the database gives it back."""
    return type(instance)._meta.get_field(name).to_python(getattr(instance, name))


def _values(instance: Any, names: Iterable[str]) -> dict[str, Any]:
    values = ((name, getattr(instance, name)) for name in names)
    return {name: _json(value) for name, value in values if value not in (None, "")}


def _json(value: Any) -> Any:
    return value if isinstance(value, bool | int | str | list) else str(value)
