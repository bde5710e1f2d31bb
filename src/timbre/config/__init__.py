"""Settings, URLs and the WSGI entry. Environment variables are read in settings.py alone."""
