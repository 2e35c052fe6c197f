"""The demonstration: the practice tenant, the portal and a first sync, walked through by a person without a browser."""
