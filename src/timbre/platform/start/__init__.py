"""The screens of Inicio."""
