"""SharePoint Online: the thumbnails in the My Site host's library and the profile properties that point to them."""

from samepic.connectors.sharepoint.connector import SharePointConnector
from samepic.connectors.sharepoint.options import SharePointOptions

__all__ = ["SharePointConnector", "SharePointOptions"]
