"""Durable work: the row is the job. Lanes, claims, backoff and the loop that serves them."""
