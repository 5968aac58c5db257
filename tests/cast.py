"""The cast: alice owns, bob shares with alice, carol must see nothing. Each has an API key.

python -m tests.cast     make them in the database of the environment; prints {"alice": KEY, …}
"""

import json
from typing import Any

NAMES = ("alice", "bob", "carol")


def make_user(name: str) -> Any:
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    return users.filter(username=name).first() or users.create_user(name, password=f"{name}-pass-word")


def make_key(user: Any) -> str:
    from chat.models import ApiKey
    from chat.models.keys import HINT, key_digest, new_key

    key = new_key()
    ApiKey.objects.create(user=user, name="test", digest=key_digest(key), hint=key[-HINT:])
    return key


def main() -> None:
    import django

    django.setup()
    print(json.dumps({name: make_key(make_user(name)) for name in NAMES}))


if __name__ == "__main__":
    main()
