"""A table from the personnel department: who there is, and where each picture lies."""

from samepic.connectors.files.connector import HrFileConnector
from samepic.connectors.files.options import HrFileOptions

__all__ = ["HrFileConnector", "HrFileOptions"]
