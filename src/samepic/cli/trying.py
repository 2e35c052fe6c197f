"""Commands that need no account anywhere: the practice tenant, and the demonstration on it.

What they run is imported only then: every other command would wait a third of a second for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from samepic.cli.app import GOOD, TRY, app
from samepic.cli.looking import save

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="practice", group=TRY)
def practice_command(
    *,
    state: Path = Path("practice-tenant"),
    port: int = 0,
    people: int = 12,
    seed: int = 1,
    folder_name: str | None = None,
    settings: Path | None = None,
    faults: Path | None = None,
    latency: float = 0,
    tls: int | None = None,
    json: Flag = False,
) -> int:
    """Run the practice tenant: a local Microsoft 365 that speaks the real protocols, until you press Ctrl-C.

    Parameters
    ----------
    state
        The folder where it remembers everything; started again on it, it goes on where it was.
    port
        The first of seven ports; 0 for free ones.
    people
        How many people live in it.
    seed
        Another seed, other people.
    folder_name
        What a new world's first pictures lie in at SharePoint; it follows the language (Profielafbeeldingen).
    settings
        Also write a samepic.toml that fits it to this file.
    faults
        A plan of what is to go wrong, in JSON or TOML.
    latency
        Milliseconds before every answer.
    tls
        Answer to the cloud's own names as well, over TLS at this port; 0 for a free one.
    json
        Print one line of JSON with every address, the application and the people, instead of a table.

    """
    from samepic.demo.tenant import Tenant  # noqa: PLC0415 -- see above
    from samepic.practice import serve  # noqa: PLC0415 -- see above
    from samepic.practice.faults import wanted  # noqa: PLC0415 -- see above

    def ready(described: Mapping[str, Any]) -> None:
        if settings is not None:
            save(settings, Tenant.described(described).settings())

    serve.run(state, port, people, seed, wanted(faults, latency), tls, folder_name, as_json=json, ready=ready)
    return GOOD


@app.command(name="demo", group=TRY)
def demo_command(*, folder: Path | None = None, stay: Flag = False) -> int:
    """The whole story on the practice tenant: why pictures stay old, what a visit does, and what samepic adds.

    Parameters
    ----------
    folder
        Where to leave the settings, the store and the contact sheet; by default `samepic-demo`.
    stay
        Keep the tenant running afterwards, to look around.

    """
    from samepic.demo.story import tell  # noqa: PLC0415 -- see above

    asyncio.run(tell(folder or Path("samepic-demo"), stay=stay))
    return GOOD
