"""The command that serves the portal."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from samepic.cli.app import GOOD, MOVE, Common, app
from samepic.cli.screen import Screen
from samepic.settings import load


@app.command(name="serve", group=MOVE)
async def serve_command(
    *,
    practice: Annotated[Path | None, Parameter(negative=())] = None,
    people: int = 12,
    listen: str | None = None,
    common: Common | None = None,
) -> int:
    """Serve the portal: people sign in, see their picture everywhere and bring it up to date. Until Ctrl-C.

    Parameters
    ----------
    practice
        Try it: run the practice tenant beside it, with its state, the settings and everything else in this folder.
    people
        How many people live in that practice tenant.
    listen
        Where to listen in the practice tenant's company, as host:port; settings of your own say it themselves.

    """
    from samepic.demo.portal import LISTEN, practice_portal  # noqa: PLC0415 -- every other command would wait for these
    from samepic.services import open_organisation, open_work  # noqa: PLC0415 -- see above
    from samepic.web.delegated import prompting  # noqa: PLC0415 -- see above
    from samepic.web.serve import serve  # noqa: PLC0415 -- see above
    from samepic.web.site import open_site  # noqa: PLC0415 -- see above

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    screen = Screen(as_json=(common or Common()).json)
    async with practice_portal(practice, people, listen or LISTEN, screen.say) as file:
        settings = load(file or (common or Common()).settings)
        async with open_organisation(settings) as opened:
            org = prompting(settings, opened)
            async with open_work(org, settings) as work:
                said = f"The portal is at {settings.portal.address} - Ctrl-C ends it."
                await serve(open_site(settings, org, work), lambda: screen.say(said))
    return GOOD
