"""LDAP directories: OpenLDAP, 389 Directory Server and others of that kind."""

from samepic.connectors.ldap.connector import LdapConnector
from samepic.connectors.ldap.options import LdapOptions

__all__ = ["LdapConnector", "LdapOptions"]
