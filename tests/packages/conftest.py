"""Packages of their own: tests/house/test_third_party.py installs them and runs their tests where they then are."""

collect_ignore_glob = ["*"]
