"""The screens of Claves API."""
