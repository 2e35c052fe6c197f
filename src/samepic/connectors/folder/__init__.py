"""A folder of pictures, each named by its person."""

from samepic.connectors.folder.connector import FolderConnector
from samepic.connectors.folder.options import FolderOptions

__all__ = ["FolderConnector", "FolderOptions"]
