"""What samepic says in English; the sentences for reasons are in `reasons`."""

from __future__ import annotations

from datetime import UTC, datetime

from samepic.engine.advice import Advice
from samepic.engine.reasons import ENGLISH
from samepic.engine.wording import Wording
from samepic.model import Verdict

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def instant(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


STEPS = """\
  1. Open a private (InPrivate, incognito) browser window.
  2. Go to {start}
  3. Sign in with your work or school account.
  4. Press the OneDrive or the SharePoint tile, or go to {link}
     and wait until the page is there."""

LETTER = f"""\
Hello {{name}},

SharePoint and OneDrive do not show your current profile picture yet. They fetch it from your mailbox, but only
when you come by yourself. It takes a minute:

{STEPS}

The new picture usually appears soon after, at the latest by {{until}}; other people may see the old
one a little longer, until their browser asks again. If it does not appear, ask {{helpdesk}}.
"""

INVITATION = """\
Hello {name},

you have no profile picture yet, so colleagues see your initials only. Adding one takes a minute:

  {link}

From there it goes to the other systems. If you would rather have none, there is nothing to do; say so on the same
page, and you will not be asked again. Questions? Ask {helpdesk}.
"""

ARRIVED = """\
Hello {name},

your new profile picture is there now: {systems}.

Other people may see the old one a little longer, until their browser or app asks again. If something is
wrong with it, ask {helpdesk}.
"""

WORDING = Wording(
    sentences=ENGLISH,
    verdicts={verdict: verdict.value for verdict in Verdict},
    triggers={
        "visit": "when the person comes by",
        "schedule": "on schedule",
        "change": "when the source changes",
        "manual": "when an administrator starts it",
        "nothing": "never",
    },
    instant=instant,
    helpdesk="your help desk",
    subject="Your profile picture",
    letter=LETTER,
    invitation_subject="A profile picture for you",
    invitation=INVITATION,
    arrived_subject="Your profile picture is there",
    arrived=ARRIVED,
    advice={
        Advice.NOTHING: "Nothing: every system shows what it should.",
        Advice.VISIT: "SharePoint and OneDrive fetch the picture from the mailbox, but only when the person comes by:"
        "\n\n" + STEPS,
        Advice.WAIT: "Wait: the picture is on its way.",
        Advice.ADD: "Add a picture: sign in at {start}, press the round picture at the top right, then the camera"
        "\non it, and choose a portrait (JPEG or PNG, at most 4 MB). Then look again.",
        Advice.CONSENT: "Say yes on your own page in samepic; before that no picture is brought here.",
        Advice.DECIDE: "An administrator has to look: `samepic explain {person}` says which rule holds it,"
        "\n`samepic doctor` what cannot be read, `samepic release {person}` lets an undone picture be written again.",
    },
    heading="Profile picture of {name}\nAs of {now}",
    what_to_do="What to do",
    again="Look again: {until}. If nothing has changed by then, ask {helpdesk}.",
)
