"""What samepic remembers: people, the ledger, pictures."""
