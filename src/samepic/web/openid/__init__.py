"""OpenID Connect as a relying party: what is asked of a provider, and what of its answers is believed.

Nothing here knows pages, sessions or people. `trouble` says what can go wrong, `claims` decides whether an ID token is
believed, `attempt` is what binds an answer to the browser that asked, `provider` speaks to the provider.
"""
