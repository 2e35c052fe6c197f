"""Active Directory: Microsoft's own domain controllers and Samba's."""

from samepic.connectors.active_directory.connector import ActiveDirectoryConnector
from samepic.connectors.active_directory.options import ActiveDirectoryOptions

__all__ = ["ActiveDirectoryConnector", "ActiveDirectoryOptions"]
