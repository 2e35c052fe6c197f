"""The process that decodes untrusted pictures: no environment, few rights, little memory, one picture after another.

Started by `intake` as `python -I -S -c BOOT LIMITS PATH...`. It ends when its standard input does, so that it never
outlives its parent, and it answers on standard output only; see `wire`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from typing import BinaryIO

from samepic.errors import Unfit
from samepic.imaging import decode, wire
from samepic.imaging.appearance import appearance_of
from samepic.imaging.picture import Limits

try:
    import resource
except ImportError:  # not a Unix; the wall clock in the parent is the limit that is left
    resource = None  # type: ignore[assignment]

_FILES = 16


def main(limits: Limits) -> None:
    """Serves until standard input ends."""
    warnings.simplefilter("ignore")
    decode.prepare()
    answers = _private_output()
    if resource is not None:
        _confine(limits.memory)
    serve(sys.stdin.buffer, answers, limits)


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    while (head := wire.receive(requests)) is not None and (data := wire.receive(requests)) is not None:
        if resource is not None:
            _allow_time(limits.cpu)
        try:
            wire.send(answers, _judged(head, data, limits))
        except BrokenPipeError:
            return


def _judged(head: bytes, data: bytes, limits: Limits) -> wire.Answer:
    media_type, reading = wire.requested(head)
    try:
        picture = decode.decode(data, media_type, limits, closely=reading is wire.Reading.CLOSELY)
    except Unfit as unfit:
        return unfit
    match reading:
        case wire.Reading.APPEARANCE | wire.Reading.WHOSE:
            return appearance_of(picture, whose=reading is wire.Reading.WHOSE)
        case _:
            return picture


def _private_output() -> BinaryIO:
    """Standard output under another number, so that a library that prints cannot spoil an answer."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "wb")


def _confine(memory: int) -> None:
    """What may never be raised again. Called after the imports, which need files."""
    for name, ceiling in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_NOFILE", _FILES),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            # Some systems know a limit but not how to set it; the others still hold.
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (ceiling, ceiling))


def _allow_time(seconds: int) -> None:
    """Processor time for one more picture; the system ends the process when it is used up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def start(argument: str) -> None:
    """From the command line: the limits as a JSON object."""
    main(Limits(**json.loads(argument)))


if __name__ == "__main__":
    start(sys.argv[1])
