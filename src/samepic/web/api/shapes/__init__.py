"""What the API is told and answers, as types; the description under `/api/openapi.json` is made from these."""
