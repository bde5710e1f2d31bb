"""The screens of Desarrolladores."""
