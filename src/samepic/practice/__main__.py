"""`python -m samepic.practice`: the practice tenant on its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samepic.errors import UserError
from samepic.practice.faults import wanted
from samepic.practice.serve import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="samepic.practice", description="A local Microsoft 365 to practise on.")
    parser.add_argument("--state", type=Path, default=Path("state/practice"), help="folder to remember in")
    parser.add_argument("--port", type=int, default=0, help="first of seven ports; 0 for free ones")
    parser.add_argument("--people", type=int, default=12, help="how many people")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another world")
    parser.add_argument("--folder-name", help="what the first pictures' folder is called in a new world")
    parser.add_argument("--faults", type=Path, help="a plan of what is to go wrong, in JSON or TOML")
    parser.add_argument("--latency", type=float, default=0, help="milliseconds before every answer")
    parser.add_argument("--tls", type=int, help="a port for TLS by the cloud's own names; 0 for a free one")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    asked = parser.parse_args()
    try:
        plan = wanted(asked.faults, asked.latency)
        world = asked.state, asked.port, asked.people, asked.seed
        run(*world, plan, asked.tls, asked.folder_name, as_json=asked.json)
    except UserError as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
