"""The API: the portal's doors for programs."""
