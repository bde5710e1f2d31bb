"""Who: users, API keys, the scope every query starts from, and the vault for secrets."""
