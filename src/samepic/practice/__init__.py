"""The practice tenant: a local Microsoft 365 that speaks the real wire protocols, so nothing needs a cloud account.

One world (people, mailboxes, a directory, a SharePoint library, a clock) with several faces, each an origin of its own:
sign-in, Graph, three SharePoint hosts, the start page, and `control` to change the world from outside. What each face
does follows Microsoft's public documentation; what that leaves open is decided here, and said where it is decided.
"""
