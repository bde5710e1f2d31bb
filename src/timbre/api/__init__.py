"""For programs: the /v2 API. Thin: who asks, what is asked, one domain call, how it is told."""
