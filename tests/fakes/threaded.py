"""The fake provider on a thread of its own."""

import asyncio
import threading

from tests.fakes.provider import FakeProvider


class ThreadedFakeProvider:
    """`with ThreadedFakeProvider() as fake:` — scripts are set and requests are read from the other side."""

    def __enter__(self) -> FakeProvider:
        self._fake = FakeProvider()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._fake.start(), self._loop).result()
        return self._fake

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._fake.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
