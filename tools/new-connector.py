"""Writes a new connector that works: module, tests with a server in memory, page, quality ledger.

python tools/new-connector.py NAME [FOLDER], or `make connector NAME=x`

tools/connector-kit holds a working connector for a service called Acme; here it is given another name and put in place.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
KIT = Path(__file__).parent / "connector-kit"

PLACES = {
    "connector.py": "src/samepic/connectors/{}.py",
    "server.py": "tests/servers/{}.py",
    "test_contract.py": "tests/contract/test_{}.py",
    "test_quirks.py": "tests/contract/test_{}_quirks.py",
    "page.md": "docs/connectors/{}.md",
    "quality.yaml": "quality/{}.yaml",
}

ENTRY_POINTS = '[project.entry-points."samepic.connectors"]\n'


def renamed(text: str, name: str) -> str:
    """The kit's text for another service: `acme` in code and addresses, `Acme` in names of classes and in prose."""
    return text.replace("acme", name).replace("ACME", name.upper()).replace("Acme", name.capitalize())


def written(name: str, root: Path) -> list[Path]:
    """Puts the kit in place. Raises FileExistsError before it writes anything where one of the files is there."""
    texts = {root / place.format(name): renamed((KIT / kept).read_text(), name) for kept, place in PLACES.items()}
    for path in texts:
        if path.exists():
            raise FileExistsError(path)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(texts)


def declared(pyproject: str, name: str) -> str:
    """The project's metadata with the new kind of system among the entry points."""
    head, found, tail = pyproject.partition(ENTRY_POINTS)
    assert found, "pyproject.toml has no entry points for connectors"
    lines, rest = tail.split("\n\n", 1)
    point = f'{name} = "samepic.connectors.{name}:{name.capitalize()}Connector"'
    return f"{head}{found}{lines}\n{point}\n\n{rest}"


def tidied(root: Path, paths: list[Path]) -> None:
    """Another name sorts elsewhere and is of another length."""
    code = [str(path) for path in paths if path.suffix == ".py"]
    for work in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *work, "--quiet", *code], check=True, cwd=root)


def main(name: str, root: Path) -> str:
    """Writes everything; what to do next, as text. Ends the program where the name cannot be used."""
    if not re.fullmatch("[a-z][a-z0-9]{1,30}", name):
        sys.exit(f"{name!r} cannot be a connector's name; small letters and digits can: make connector NAME=acme")
    try:
        paths = written(name, root)
    except FileExistsError as there:
        sys.exit(f"{there} is there already; nothing was written.")
    tidied(root, paths)
    pyproject = root / "pyproject.toml"
    pyproject.write_text(declared(pyproject.read_text(), name))
    lines = "\n".join(f"  {path.relative_to(root)}" for path in paths)
    return f"Written, and declared in pyproject.toml:\n{lines}\nNow: docs/guides/writing-a-connector.md"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    print(main(arguments[0], Path(arguments[1]) if arguments[1:] else ROOT))
