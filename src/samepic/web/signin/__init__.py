"""Signing in with the work or school account, by OpenID Connect; sessions, identities and consent."""
