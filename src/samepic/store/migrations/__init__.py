"""How older databases become the tables of `store.schema`. Expand first, contract in a later release."""
