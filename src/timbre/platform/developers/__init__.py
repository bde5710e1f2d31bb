"""The screens of Desarrollo."""
