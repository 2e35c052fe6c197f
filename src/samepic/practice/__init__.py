"""The practice tenant: a local Microsoft 365 that speaks the real wire protocols."""
