"""The rows that every answer reads and writes, past the ORM's query compiler, which costs several times what
the database does. Values go through the models' own fields; neither signals nor expressions are known here.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

_Row = TypeVar("_Row", bound=Model)


def fetch(model: type[_Row], *, lock: bool = False, **where: Any) -> _Row | None:
    """The row whose fields have these values; `lock` holds it until the transaction ends."""
    lacks_locks = not connection.features.has_select_for_update  # there, the transaction itself is the lock
    names = tuple(where)
    with connection.cursor() as cursor:
        cursor.execute(_select(model, names, lock and not lacks_locks), _prepared(model, where))
        values = cursor.fetchone()
    return None if values is None else _loaded(model, list(values))


def must_fetch(model: type[_Row], **where: Any) -> _Row:
    """Raises ObjectDoesNotExist."""
    found = fetch(model, **where)
    if found is None:
        raise ObjectDoesNotExist
    return found


def insert(rows: Sequence[Model]) -> None:
    """New rows of one model, in one statement. Raises IntegrityError."""
    model = type(rows[0])
    values = [
        field.get_db_prep_save(_first_value(row, field), connection)
        for row in rows
        for field in _fields(model)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, len(rows)), values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update(row: Model, *names: str, **where: Any) -> bool:
    """Write these fields as they are, under the condition that others have these values. False: they had
    not, and nothing was written."""
    fields = [_field(type(row), name) for name in names]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    where = {"pk": row.pk, **where}
    with connection.cursor() as cursor:
        statement = _update(type(row), names, tuple(where))
        cursor.execute(statement, [*values, *_prepared(type(row), where)])
        return bool(cursor.rowcount)


def _first_value(row: Model, field: "Field[Any, Any]") -> Any:
    """The database's own default is asked of the model: these are constants."""
    value = field.pre_save(row, add=True)
    if isinstance(value, DatabaseDefault):
        value = field.db_default
        setattr(row, field.attname, value)
    return value


def _prepared(model: type[Model], where: dict[str, Any]) -> list[Any]:
    return [_field(model, name).get_db_prep_value(value, connection) for name, value in where.items()]


def _loaded(model: type[_Row], values: list[Any]) -> _Row:
    for index, convert, column in _converters(model, connection.vendor):
        values[index] = convert(values[index], column, connection)
    return model.from_db(connection.alias, [field.attname for field in _fields(model)], values)


@cache
def _converters(model: type[Model], vendor: str) -> list[tuple[int, Callable[..., Any], Any]]:
    """What makes a value of a column one of its field: position, converter, column."""
    found = []
    for index, field in enumerate(_fields(model)):
        column = field.get_col(model._meta.db_table)
        converters = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        found += [(index, converter, column) for converter in converters]
    return found


# --- statements, each written once ------------------------------------------------------


@cache
def _fields(model: type[Model]) -> "tuple[Field[Any, Any], ...]":
    return tuple(model._meta.concrete_fields)


@cache
def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field: Field[Any, Any] = model._meta.pk if name == "pk" else model._meta.get_field(name)  # type: ignore[assignment]
    return field


@cache
def _select(model: type[Model], names: tuple[str, ...], lock: bool) -> str:
    columns = ", ".join(_quoted(field) for field in _fields(model))
    held = " FOR UPDATE" if lock else ""
    return f"SELECT {columns} FROM {_table(model)} WHERE {_conditions(model, names)}{held}"  # nosec B608 # noqa: S608 - our own names


@cache
def _insert(model: type[Model], count: int) -> str:
    columns = ", ".join(_quoted(field) for field in _fields(model))
    row = f"({', '.join(['%s'] * len(_fields(model)))})"
    return f"INSERT INTO {_table(model)} ({columns}) VALUES {', '.join([row] * count)}"  # nosec B608 # noqa: S608 - our own names


@cache
def _update(model: type[Model], names: tuple[str, ...], where: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted(_field(model, name))} = %s" for name in names)
    return f"UPDATE {_table(model)} SET {changes} WHERE {_conditions(model, where)}"  # nosec B608 # noqa: S608 - our own names


def _conditions(model: type[Model], names: tuple[str, ...]) -> str:
    return " AND ".join(f"{_quoted(_field(model, name))} = %s" for name in names)


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
