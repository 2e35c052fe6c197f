"""Fixtures every test may use. `tenant` is a practice tenant for the whole session: look, do not change it.
`fresh_tenant` is one of the test's own, to change at will. `other_provider` is an identity provider that is not Entra.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from samepic.practice.serve import open_practice
from tests.servers import missing
from tests.vendor.provider import other_provider

__all__ = ["other_provider"]

collect_ignore_glob = missing.left_out()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if sentence := missing.sentence():
        terminalreporter.write_line(sentence, yellow=True)


@contextlib.contextmanager
def practice_tenant(state: Path, **options: int) -> Iterator[SimpleNamespace]:
    """A practice tenant in a thread, on free ports, with `authority`, `graph`, ... `application` as it says itself.

    `person(case)` is the one of that case among the first fifty; `stop()` ends it before its time.
    """
    practice = open_practice(state, **options)
    ready = threading.Event()
    server = practice.server(ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": practice.sockets})
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(10)
        practice.close()

    try:
        assert ready.wait(10), "the practice tenant did not start"
        described = practice.describe()
        people = [SimpleNamespace(**person) for person in described.pop("people")]
        application = SimpleNamespace(**described.pop("application"))
        portal = SimpleNamespace(**described.pop("portal"))

        def person(case: str) -> SimpleNamespace:
            return next(found for found in people if found.case == case)

        yield SimpleNamespace(
            **described,
            people=people,
            application=application,
            portal=portal,
            person=person,
            state=state,
            stop=stop,
        )
    finally:
        stop()


@pytest.fixture(scope="session")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One practice tenant for all tests that only look."""
    with practice_tenant(tmp_path_factory.mktemp("tenant")) as running:
        yield running


@pytest.fixture(scope="session")
def pristine_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder nobody has used: copying it saves each test the making of keys."""
    folder = tmp_path_factory.mktemp("pristine") / "tenant"
    open_practice(folder).close()
    return folder


@pytest.fixture
def fresh_tenant(tmp_path: Path, pristine_state: Path) -> Iterator[SimpleNamespace]:
    """A practice tenant of the test's own."""
    with practice_tenant(Path(shutil.copytree(pristine_state, tmp_path / "tenant"))) as running:
        yield running


@pytest.fixture
def make_tenant() -> Iterator[Callable[..., SimpleNamespace]]:
    """Starts tenants as wanted: `make_tenant(folder, people=2000)`."""
    with contextlib.ExitStack() as stack:
        yield lambda state, **options: stack.enter_context(practice_tenant(state, **options))
